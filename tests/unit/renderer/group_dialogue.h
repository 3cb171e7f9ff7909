// A group's machine as a dialogue: what it is told, and the lines of what it wants.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "renderer/apply/machine.h"

namespace longshore::render::apply::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Lines = std::vector<std::string>;

struct Describe {
  std::string operator()(const action::Recover&) const { return "recover"; }
  std::string operator()(const action::Stage& stage) const {
    std::string out = "stage";
    for (const Part& part : stage.parts) out += " " + part.destination + "=" + *part.text;
    return out;
  }
  std::string operator()(const action::Check& check) const { return "check " + to_string(check.command); }
  std::string operator()(const action::Diagnose&) const { return "diagnose"; }
  std::string operator()(const action::Swap& swap) const { return swap.keep ? "swap, keep" : "swap"; }
  std::string operator()(const action::Restore&) const { return "restore"; }
  std::string operator()(const action::Discard&) const { return "discard"; }
  std::string operator()(const action::Commit&) const { return "commit"; }
  std::string operator()(const action::Tell&) const { return "tell"; }
  std::string operator()(const action::TakeTurn& turn) const { return "take a turn: " + turn.semaphore; }
  std::string operator()(const action::LeaveTurn&) const { return "leave the turn"; }
  std::string operator()(const action::Outcome& outcome) const {
    constexpr const char* kKinds[] = {"unchanged", "written", "failed", "refused", "restored"};
    return std::to_string(outcome.index) + " " + kKinds[static_cast<int>(outcome.kind)];
  }
  std::string operator()(const base::LogLine& line) const { return "log " + line.event; }
};

struct Talk {
  explicit Talk(GroupSpec spec) : machine(std::move(spec)) { lines(machine.start()); }

  static Lines lines(const Actions& actions) {
    Lines out;
    for (const Action& one : actions) out.push_back(std::visit(Describe{}, one));
    return out;
  }
  Lines tell(Input input) { return lines(machine.step(std::move(input), now, 0.5)); }
  Lines tick() { return lines(machine.tick(now)); }
  void want(std::size_t index, const std::string& text) {
    Part part;
    part.index = index;
    part.destination = std::string(1, static_cast<char>('a' + index));
    part.label = "t" + part.destination;
    part.text = std::make_shared<const std::string>(text);
    auto seen = std::make_shared<Seen>();
    seen->services.push_back({text, nullptr});
    part.seen = std::move(seen);
    machine.want(std::move(part), now);
  }
  Lines staged(std::vector<FilePlan> plans) {
    input::Staged told;
    for (std::size_t i = 0; i < plans.size(); ++i) told.parts.push_back({i, plans[i], {}});
    return tell(std::move(told));
  }
  Lines checked(std::string output = "") {
    input::Checked told;
    if (!output.empty()) told.status = fail(Errc::check_failed, "exit code 1");
    told.output = std::move(output);
    return tell(std::move(told));
  }
  Lines told(std::optional<Errc> error = {}) {
    input::Told out;
    if (error) out.status = fail(*error, "no");
    return tell(std::move(out));
  }
  Lines confirmed(std::optional<Errc> error = {}) {
    input::Confirmed out;
    if (error) out.status = fail(*error, "no new workers");
    return tell(std::move(out));
  }

  // The texts that those who serve have, one behind the other.
  static std::string texts(const RenderedFiles& files) {
    std::string out;
    for (const auto& [index, file] : files) out += file.seen->services.front().name;
    return out;
  }
  std::string applied() const { return texts(machine.progress().applied()); }
  std::string settled() const { return texts(machine.progress().settled()); }
  void settle() { tell(input::Settled{}); }

  GroupMachine machine;
  base::TimePoint now{seconds(1000)};
};

inline GroupSpec edge() {
  GroupSpec spec;
  spec.name = "edge";
  spec.check = Command("test it");
  spec.tell = Followup{};
  spec.tell->what = Command("reload it");
  spec.confirm = true;
  return spec;
}

}  // namespace longshore::render::apply::test
