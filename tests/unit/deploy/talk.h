// A deploy machine to talk to: answers go in, what it asks for comes out as short lines.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/deploy/machine.h"

namespace longshore::deploy::test {

using Lines = std::vector<std::string>;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

inline std::string line(const Action& action) {
  const auto on = Overloaded{
      [](const action::Lock&) { return std::string("lock"); },
      [](const action::Look&) { return std::string("look"); },
      [](const action::Pull& one) { return "pull at " + one.host; },
      [](const action::Create& one) {
        return "create " + one.color + " " + std::to_string(one.number) + " at " + one.host;
      },
      [](const action::Start& one) { return "start " + one.box.name; },
      [](const action::Check& one) { return "check " + std::to_string(one.boxes.size()); },
      [](const action::Smoke& one) { return "smoke " + std::to_string(one.instances.size()); },
      [](const action::Write& one) { return "write " + one.color + " over " + std::to_string(one.index); },
      [](const action::Share& one) { return "share " + one.color + " " + std::to_string(one.percent); },
      [](const action::Follow& one) { return "follow " + one.old + " to " + one.fresh; },
      [](const action::Settle& one) { return "settle " + std::to_string(one.boxes.size()); },
      [](const action::Drain& one) { return "drain " + std::to_string(one.boxes.size()); },
      [](const action::Stop& one) { return "stop " + one.box.name; },
      [](const action::Remove& one) { return "remove " + one.box.name; },
      [](const action::Sleep&) { return std::string("sleep"); },
      [](const action::Record&) { return std::string(); },
      [](const action::Say& one) { return "say " + one.event + ": " + one.text; },
      [](const action::Finish& one) { return "finish " + std::to_string(one.code); },
  };
  return std::visit(on, action);
}

inline Box box(const std::string& name, const std::string& color, bool running = true, bool ours = true) {
  Box out;
  out.host = "a";
  out.name = name;
  out.id = "id-of-" + name;
  out.color = color;
  out.running = running;
  out.ours = ours;
  return out;
}

class Talk {
 public:
  explicit Talk(Plan plan) : machine_(std::move(plan)) { read(machine_.start()); }

  Lines say(const Input& input) { return read(machine_.step(input, now_)); }
  Lines ok() { return say(input::Done{}); }
  Lines no(const std::string& why) { return say(input::Done{fail(Errc::rejected, why)}); }
  Lines world(const std::string& color, std::uint64_t index, std::vector<Box> boxes) {
    return say(input::Looked{input::World{color, index, std::move(boxes)}});
  }
  // A canary was left by an earlier run.
  Lines shared_world(const std::string& color, std::uint64_t index, std::vector<Box> boxes) {
    input::World world{color, index, std::move(boxes)};
    world.shared = true;
    return say(input::Looked{std::move(world)});
  }
  Lines created(const std::string& name) { return say(input::Created{box(name, "green")}); }
  Lines checked(const Lines& names, Lines ended = {}) {
    input::Checks checks;
    checks.ended = std::move(ended);
    for (const std::string& name : names) checks.passing.push_back({"id-of-" + name, "10.0.0.1:80"});
    return say(input::Checked{checks});
  }
  Lines written(const std::string& color, std::uint64_t index) {
    return say(input::Written{input::Written::Color{color, index}});
  }
  Lines followed(Following following) { return say(input::Followed{std::move(following)}); }
  void wait(base::Duration time) { now_ += time; }
  Machine& machine() { return machine_; }

  // Through to the switch, one container.
  void to_switch(std::vector<Box> boxes) {
    ok();
    REQUIRE(world("blue", 7, std::move(boxes)).back() == "create green 1 at a");
    REQUIRE(created("g1") == Lines{"start g1"});
    REQUIRE(ok() == Lines{"check 1"});
    REQUIRE(checked({"g1"}).back() == "write green over 7");
  }

 private:
  Lines read(const Actions& actions) {
    Lines out;
    int questions = 0;
    for (const Action& action : actions) {
      const std::string text = line(action);
      if (!text.empty()) out.push_back(text);
      questions += !text.empty() && !text.starts_with("say ") && !text.starts_with("finish");
    }
    CHECK(questions <= 1);
    return out;
  }
  Machine machine_;
  base::TimePoint now_{seconds(1000)};
};

inline Plan plan() {
  Plan out;
  out.service = "books";
  out.image = "books:2";
  out.colors = {"blue", "green"};
  out.hosts = {"a"};
  return out;
}

}  // namespace longshore::deploy::test
