// What the machine is told and what it wants done. Closed sets: the shell has one function per action and posts the
// outcome back as an input; nothing else goes in or out.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/log_line.h"
#include "common/base/result.h"
#include "renderer/apply/messages.h"
#include "renderer/core/data.h"
#include "renderer/core/dependency.h"
#include "renderer/core/extra_file.h"
#include "renderer/core/file_plan.h"
#include "renderer/core/followups.h"
#include "renderer/core/hold.h"
#include "renderer/core/notice.h"
#include "renderer/core/template_spec.h"
#include "renderer/probe/machine.h"

namespace longshore::render {

struct MachineSettings;

namespace input {
// The first input.
struct Start {};
// Text of the template file number `index`, or why it could not be read. Answers LoadTemplate.
struct TemplateLoaded {
  std::size_t index = 0;
  Result<std::string> text;
};
// News of a watched dependency.
struct Answered {
  Dependency on;
  RawAnswer answer;
  std::uint64_t index = 0;  // X-Consul-Index, 0 = the endpoint has none
};
// After failures: it was asked again, and what is known still holds.
struct Confirmed {
  Dependency on;
};
// Once per failed try of a watch; what was known stays known.
struct WatchFailed {
  Dependency on;
  Error error;
};
// One for each kind answers ReadNotes.
struct NotesLoaded {
  std::string node;
  Note::Kind kind = Note::Kind::withdrawn;
  Result<std::vector<Note>> notes;
};
// Answers Probe.
struct Probed {
  ProbeTarget target;
  ProbeResult result = ProbeResult::silent;
};
// Answers StartProbe.
struct ProbeReplied {
  std::uint64_t id = 0;
  ProbeReply reply;
};
// Answers WriteFile: what was done, or why the old file is still there.
struct FileDone {
  std::size_t index = 0;
  Result<FilePlan> outcome;
};
// Answers RunCommand and SendReload.
struct FollowupDone {
  Status status;
  base::Duration took{};
  std::string output = {};  // the end of what a command said, for the log
};
// Answers Tell.
struct Told {
  std::uint64_t number = 0;
  Status status;
  base::Duration took{};
  std::string to = {};      // the command or the URL, for the log
  std::string output = {};  // the end of what a command said
};
// An answer for a group's machine.
struct GroupNews {
  std::string group;
  apply::Input news;
};
// nginx's old workers were told to finish, because new ones answer.
struct WorkersRetired {
  int master = 0;  // its pid
  std::size_t workers = 0;
  base::Duration took{};  // since the reload was over on our side
};
// Every input that was waiting has been told, or a time that next_wake() named has come: now templates are evaluated.
// Bursts of answers cost one evaluation that way, and a single change costs no delay.
struct Idle {
  std::chrono::system_clock::time_point wall_clock;
};
// Read the template files again; data and watches stay. `settings` (null: as they were) are the new ones: templates
// that are in both keep what they know.
struct Reload {
  std::shared_ptr<const MachineSettings> settings = {};
};
// Answers StartChild.
struct ChildStarted {
  Status status;
};
// The supervised program ended by itself or by a signal.
struct ChildExited {
  int code = 0;    // 0 to 255
  int signal = 0;  // not 0: that ended it
};
// A signal to us that is meant for the supervised program.
struct Signal {
  int number = 0;
};
// Come to an end: what was written gets its followups. A second one ends at once.
struct Stop {};
}  // namespace input

using Input = std::variant<input::Start, input::TemplateLoaded, input::Answered, input::Confirmed, input::WatchFailed,
                           input::NotesLoaded, input::Probed, input::ProbeReplied, input::FileDone, input::FollowupDone,
                           input::WorkersRetired, input::GroupNews, input::Told, input::Idle, input::Reload,
                           input::ChildStarted, input::ChildExited, input::Signal, input::Stop>;

namespace action {
struct LoadTemplate {
  std::size_t index = 0;
  std::string path = {};
  bool operator==(const LoadTemplate&) const = default;
};
struct StartWatch {
  Dependency on = {};
  bool operator==(const StartWatch&) const = default;
};
struct StopWatch {
  Dependency on = {};
  bool operator==(const StopWatch&) const = default;
};
// Withdrawal notes and drains of a node, without stale reads.
struct ReadNotes {
  std::string node = {};
  bool operator==(const ReadNotes&) const = default;
};
struct Probe {
  ProbeTarget target = {};
  bool operator==(const Probe&) const = default;
};
// Ask a backend whether it answers.
struct StartProbe {
  ProbeOrder order = {};
  bool operator==(const StartProbe&) const = default;
};
// Make the file hold this text; if it already does, say so and touch nothing. dry: print it instead.
struct WriteFile {
  std::size_t index = 0;
  std::string destination = {};
  std::string text = {};
  bool dry = false;
  FileOptions options = {};
  std::vector<ExtraFile> extra = {};  // written first; the file stays as it is if one of them fails
  bool operator==(const WriteFile&) const = default;
};
// After a followup that worked: the groups that wait for the word of new workers, posted as GroupNews.
struct Confirmation {
  struct Waiting {
    std::string group = {};
    std::string address = {};  // who answers with the token; "": nginx's workers are looked at
    std::string token = {};
    bool operator==(const Waiting&) const = default;
  };
  std::vector<Waiting> groups = {};
  base::Duration limit{};
  std::size_t generations = static_cast<std::size_t>(-1);  // so many may live
  bool operator==(const Confirmation&) const = default;
};
struct RunCommand {
  Command command = {};
  base::Duration timeout{};                             // 0: started and not waited for
  std::shared_ptr<const Environment> environment = {};  // null: that of all commands
  std::optional<Confirmation> confirmation = {};
  bool operator==(const RunCommand&) const = default;
};
// A signal, HUP if not told otherwise, to the process that the pid file names, once it is known to be that process.
struct SendReload {
  std::string pid_file = {};
  int signal = 1;
  std::optional<Confirmation> confirmation = {};
  bool operator==(const SendReload&) const = default;
};
// The same to a process by its number (of the executable that a pid file may name) or to a container.
struct SendSignal {
  Followup::Kind kind = Followup::Kind::pid;
  std::string to = {};
  int signal = 1;
  std::optional<Confirmation> confirmation = {};
  bool operator==(const SendSignal&) const = default;
};
// Somebody is to hear of a service; apart from followups, which it never delays.
struct Tell {
  std::uint64_t number = 0;  // of the watch
  Notice notice = {};
  NoticeSpec spec = {};
};
// What a group's machine asks for.
struct Group {
  std::string group = {};
  apply::Action what = {};
};
// Start the supervised program, with our stdin, stdout and stderr.
struct StartChild {
  Command command = {};
  std::shared_ptr<const Environment> environment = {};
  bool operator==(const StartChild&) const = default;
};
// To the supervised program, if it runs; to its whole group if a shell runs it.
struct SignalChild {
  int number = 0;
  bool operator==(const SignalChild&) const = default;
};
// RenderMachine::word() has changed: tell others.
struct PublishWord {
  bool operator==(const PublishWord&) const = default;
};
struct Exit {
  int code = 0;
  bool operator==(const Exit&) const = default;
};
}  // namespace action

using Action = std::variant<action::LoadTemplate, action::StartWatch, action::StopWatch, action::ReadNotes,
                            action::Probe, action::StartProbe, action::WriteFile, action::RunCommand,
                            action::SendReload, action::SendSignal, action::Tell, action::Group, action::StartChild,
                            action::SignalChild, action::PublishWord, action::Exit, base::LogLine>;
using Actions = std::vector<Action>;

}  // namespace longshore::render
