// What a group's machine is told and what it wants done. One action of a group is under way at a time, except that its
// followup and the end of older workers are waited for beside it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/duration.h"
#include "common/base/log_line.h"
#include "common/base/result.h"
#include "renderer/core/command.h"
#include "renderer/core/extra_file.h"
#include "renderer/core/file_plan.h"

namespace longshore::render {
struct Seen;
}

namespace longshore::render::apply {

using Text = std::shared_ptr<const std::string>;

// A file of the group as it is to be.
struct Part {
  std::size_t index = 0;  // of its template; kNoTemplate: the file that tells the generation
  std::string label = {};
  std::string destination = {};
  Text text = {};
  FileOptions options = {};
  std::vector<ExtraFile> extra = {};
  std::shared_ptr<const Seen> seen = {};  // what the text was made of
};
inline constexpr std::size_t kNoTemplate = static_cast<std::size_t>(-1);

namespace input {
// Answers Recover. `owed`: files were swapped and nobody was told before we died.
struct Recovered {
  bool owed = false;
  std::string what = {};  // for the log; "": nothing was to be done
};
struct StagedPart {
  std::size_t index = 0;
  Result<FilePlan> plan;
  Text live = {};  // the file as it is; null: there is none, or it was not asked for
};
// Answers Stage.
struct Staged {
  std::vector<StagedPart> parts;
};
// Answers Check and Diagnose.
struct Checked {
  Status status;  // check_failed: it said no; anything else: it could not be run
  std::string output = {};
};
// Answers Swap; on an error the files are what they were.
struct Swapped {
  Status status;
};
// Answers Restore.
struct Restored {
  Status status;
};
// The followup ran; `waits`: it is tried again, if it failed.
struct Told {
  Status status;
};
// New workers answer, or they did not in time. After Told, if the group is to be confirmed.
struct Confirmed {
  Status status;
  base::Duration took{};        // since it was told
  std::size_t generations = 1;  // that live now
};
// News of older workers.
struct Settled {
  bool settled = true;          // none of them accepts any more
  base::Duration took{};        // since it was told
  std::size_t generations = 1;  // with those that only finish
  std::size_t requests = 0;     // connections that those still have
  std::size_t ended = 0;        // workers that had to end because too many generations lived
};
// Answers TakeTurn; an error: there is nobody who could give one.
struct Turn {
  Status status;
};
}  // namespace input

using Input = std::variant<input::Recovered, input::Staged, input::Checked, input::Swapped, input::Restored,
                           input::Told, input::Confirmed, input::Settled, input::Turn>;

namespace action {
// What did a predecessor leave half done? Finish it, or undo it.
struct Recover {
  bool operator==(const Recover&) const = default;
};
// Compare with the files, and put what differs beside them. Drops what was staged before.
struct Stage {
  std::vector<Part> parts = {};
  bool want_live = false;
};
// Run the check over what is staged.
struct Check {
  Command command = {};
  base::Duration timeout{};
};
// Run it over the files as they are: it has been told and nobody answers.
struct Diagnose {
  Command command = {};
  base::Duration timeout{};
};
// All staged files take their places, or none. keep: so that Restore can undo it.
struct Swap {
  bool keep = false;
};
struct Restore {};
// What was staged is not wanted.
struct Discard {};
// What was swapped stays: forget the files before and the journal.
struct Commit {};
// Ask for the followup.
struct Tell {};
// One of `limit` places in Consul, for this group's change, until LeaveTurn; whoever has none waits for one.
struct TakeTurn {
  std::string semaphore = {};
  int limit = 1;
};
struct LeaveTurn {};
// What became of a template's file.
struct Outcome {
  enum class Kind : std::uint8_t { unchanged, written, failed, refused, restored };
  std::size_t index = 0;
  Kind kind = Kind::unchanged;
  std::string problem = {};
};
}  // namespace action

using Action = std::variant<action::Recover, action::Stage, action::Check, action::Diagnose, action::Swap,
                            action::Restore, action::Discard, action::Commit, action::Tell, action::TakeTurn,
                            action::LeaveTurn, action::Outcome, base::LogLine>;
using Actions = std::vector<Action>;

}  // namespace longshore::render::apply
