// A rolling machine to talk to: answers go in, what it asks for comes out as short lines.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/deploy/roll.h"

namespace longshore::deploy::roll_test {

using Lines = std::vector<std::string>;
using std::chrono::seconds;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

inline std::string names(const std::vector<Box>& boxes) {
  std::string out;
  for (const Box& one : boxes) out += " " + one.name;
  return out;
}

inline std::string line(const Action& action) {
  const auto on = Overloaded{
      [](const action::Lock&) { return std::string("lock"); },
      [](const action::Look&) { return std::string("look"); },
      [](const action::Pull& one) { return "pull " + one.image + " at " + one.host; },
      [](const action::Create& one) { return "create " + std::to_string(one.number) + " at " + one.host; },
      [](const action::Start& one) { return "start " + one.box.name; },
      [](const action::Check& one) { return "check" + names(one.boxes); },
      [](const action::Smoke& one) { return "smoke " + std::to_string(one.instances.size()); },
      [](const action::Write&) { return std::string("write"); },
      [](const action::Share&) { return std::string("share"); },
      [](const action::Follow&) { return std::string("follow"); },
      [](const action::Drain& one) { return "drain" + names(one.boxes); },
      [](const action::Settle& one) { return "settle" + names(one.boxes); },
      [](const action::Stop& one) { return "stop " + one.box.name; },
      [](const action::Remove& one) { return "remove " + one.box.name; },
      [](const action::Sleep&) { return std::string("sleep"); },
      [](const action::Record& one) { return "record " + one.stage; },
      [](const action::Say& one) { return "say " + one.event + ": " + one.text; },
      [](const action::Finish& one) { return "finish " + std::to_string(one.code); },
  };
  return std::visit(on, action);
}

inline Box box(const std::string& name, bool running = true, bool ours = true) {
  Box out;
  out.host = "a";
  out.name = name;
  out.id = "id-of-" + name;
  out.running = running;
  out.ours = ours;
  return out;
}

class Talk {
 public:
  explicit Talk(RollPlan plan) : machine_(std::move(plan)) { read(machine_.start()); }

  Lines say(const Input& input) { return read(machine_.step(input, now_)); }
  Lines ok() { return say(input::Done{}); }
  Lines no(const std::string& why) { return say(input::Done{fail(Errc::rejected, why)}); }
  Lines world(std::vector<Box> boxes, LastRun last = {}) {
    input::World seen;
    seen.boxes = std::move(boxes);
    seen.last = std::move(last);
    for (const Box& one : seen.boxes) seen.names.insert(one.name);
    return say(input::Looked{std::move(seen)});
  }
  Lines created(const std::string& name) { return say(input::Created{box(name)}); }
  Lines checked(const Lines& passing, Lines ended = {}) {
    input::Checks checks;
    checks.ended = std::move(ended);
    for (const std::string& name : passing) checks.passing.push_back({"id-of-" + name, "10.0.0.1:80"});
    return say(input::Checked{checks});
  }
  void wait(base::Duration time) { now_ += time; }
  RollMachine& machine() { return machine_; }
  const LastRun& recorded() const { return recorded_; }

  // One batch of one: n<number> in, `old` out; what follows the stop.
  Lines batch(const std::string& fresh, const Lines& all_fresh, const std::string& old) {
    REQUIRE(created(fresh) == Lines{"start " + fresh});
    ok();
    REQUIRE(checked(all_fresh) == Lines{"say healthy: books: 1 new instance healthy", "drain " + old});
    REQUIRE(ok() == Lines{"stop " + old});
    return ok();
  }

 private:
  Lines read(const Actions& actions) {
    Lines out;
    int questions = 0;
    for (const Action& action : actions) {
      out.push_back(line(action));
      if (const auto* written = std::get_if<action::Record>(&action)) recorded_ = written->roll;
      questions +=
          !out.back().starts_with("say ") && !out.back().starts_with("finish") && !out.back().starts_with("record ");
    }
    CHECK(questions <= 1);
    return out;
  }
  RollMachine machine_;
  LastRun recorded_;
  base::TimePoint now_{seconds(1000)};
};

inline RollPlan plan(RollPlan::Kind kind = RollPlan::Kind::replace) {
  RollPlan out;
  out.kind = kind;
  out.service = "books";
  out.image = "books:2";
  out.hosts = {"a"};
  out.run = "r1";
  return out;
}

}  // namespace longshore::deploy::roll_test
