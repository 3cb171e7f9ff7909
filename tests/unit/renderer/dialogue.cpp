#include "tests/unit/renderer/dialogue.h"

namespace longshore::render::test {
namespace {

struct Describe {
  std::string operator()(const action::LoadTemplate& load) const { return "load " + load.path; }
  std::string operator()(const action::StartWatch& watch) const { return "watch " + to_string(watch.on); }
  std::string operator()(const action::StopWatch& watch) const { return "unwatch " + to_string(watch.on); }
  std::string operator()(const action::ReadNotes& notes) const { return "notes " + notes.node; }
  std::string operator()(const action::Probe& probe) const {
    return "probe " + probe.target.address + ":" + std::to_string(probe.target.port);
  }
  std::string operator()(const action::StartProbe& start) const {
    return "ask " + start.order.address + ":" + std::to_string(start.order.port);
  }
  std::string operator()(const action::WriteFile& write) const {
    return std::string(write.dry ? "print " : "write ") + write.destination + ": " + write.text;
  }
  std::string operator()(const action::StartChild& start) const { return "child " + to_string(start.command); }
  std::string operator()(const action::SignalChild& signal) const { return "signal " + std::to_string(signal.number); }
  std::string operator()(const action::RunCommand& run) const { return "run " + to_string(run.command); }
  std::string operator()(const action::SendReload& reload) const { return "hup " + reload.pid_file; }
  std::string operator()(const action::Tell& tell) const {
    std::string gone;
    for (const Notice::Member& one : tell.notice.gone) gone += " gone " + one.id;
    return "tell " + std::string(to_string(tell.notice.event)) + " " + tell.notice.service + " " +
           std::to_string(tell.notice.left.size()) + "/" + std::to_string(tell.notice.below) + gone;
  }
  std::string operator()(const action::SendSignal& send) const {
    return "signal " + std::to_string(send.signal) + " to " + send.to;
  }
  std::string operator()(const action::Group& order) const { return "group " + order.group; }
  std::string operator()(const action::PublishWord&) const { return "publish"; }
  std::string operator()(const action::Exit& exit) const { return "exit " + std::to_string(exit.code); }
  std::string operator()(const base::LogLine& line) const {
    std::string out = "log " + std::string(base::to_string(line.level)) + " " + line.event;
    for (const auto& [key, value] : line.fields) out += " " + key + "=" + value;
    return out;
  }
};

}  // namespace

std::string line_of(const Action& action) {
  return std::visit(Describe{}, action);
}

Dialogue::Dialogue(MachineSettings settings) : machine(std::move(settings), all_functions()) {}

MachineSettings Dialogue::settings(std::size_t templates) {
  MachineSettings settings;
  for (std::size_t i = 0; i < templates; ++i)
    settings.templates.push_back({.source = "t" + std::to_string(i), .destination = "out" + std::to_string(i)});
  return settings;
}

Lines Dialogue::tell(Input input) {
  Lines lines;
  for (const Action& action : machine.step(std::move(input), now)) lines.push_back(line_of(action));
  return lines;
}

Lines Dialogue::wait(base::Duration duration) {
  const base::TimePoint end = now + duration;
  Lines lines;
  for (int rounds = 0; rounds < 100; ++rounds) {
    const auto wake = machine.next_wake();
    if (!wake || *wake > end) break;
    now = std::max(now, *wake);
    const Lines more = idle();
    lines.insert(lines.end(), more.begin(), more.end());
  }
  now = end;
  return lines;
}

Lines Dialogue::load(std::size_t index, std::string text) {
  return tell(input::TemplateLoaded{index, std::move(text)});
}

Lines Dialogue::begin(std::vector<std::string> texts) {
  start();
  for (std::size_t i = 0; i < texts.size(); ++i) load(i, texts[i]);
  return idle();
}

Lines Dialogue::service(const std::string& name, std::vector<consul::ServiceEntry> entries, std::uint64_t index) {
  return tell(input::Answered{service_named(name), std::move(entries), index});
}

Lines Dialogue::services(consul::ServiceNames names) {
  return tell(input::Answered{catalog(), std::move(names), 10});
}

Lines Dialogue::key(const std::string& name, std::optional<std::string> value) {
  std::optional<consul::KvPair> found;
  if (value) found = pair(name, *value);
  return tell(input::Answered{key_named(name), std::move(found), 10});
}

Lines Dialogue::fail_watch(const Dependency& on, Errc code, std::string text) {
  return tell(input::WatchFailed{on, {code, std::move(text)}});
}

Lines Dialogue::wrote(std::size_t index, FilePlan plan) {
  return tell(input::FileDone{index, plan});
}

Lines Dialogue::unwritten(std::size_t index, std::string reason) {
  return tell(input::FileDone{index, fail(Errc::io, std::move(reason))});
}

Lines Dialogue::ran(bool success) {
  Status status;
  if (!success) status = fail(Errc::check_failed, "exit code 1");
  return tell(input::FollowupDone{std::move(status), std::chrono::milliseconds(12), {}});
}

Dependency key_named(std::string name) {
  Dependency on;
  on.kind = Dependency::Kind::key;
  on.name = std::move(name);
  return on;
}

Dependency catalog() {
  Dependency on;
  on.kind = Dependency::Kind::services;
  return on;
}

}  // namespace longshore::render::test
