// What the deploying machine hears and asks for. One thing is under way at a time: every action but Say and Record has
// exactly one answer.
#pragma once
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/base/duration.h"
#include "common/base/result.h"
#include "common/deploy/followers.h"

namespace longshore::deploy {

// A container of the service, of any colour.
struct Box {
  std::string host;  // the engine's name
  std::string id;
  std::string name;
  std::string color;
  std::string image;
  bool running = false;
  bool ours = false;     // made by a deploy
  std::string run = {};  // the rolling change that made it, "" = none
  bool operator==(const Box&) const = default;
};

// An instance that passes its checks.
struct Passing {
  std::string container;  // 12 digits of its ID
  std::string address;    // host:port
  bool operator==(const Passing&) const = default;
};

// What the record in KV said of the last change before this run.
struct LastRun {
  std::string strategy;
  std::string stage;
  std::string run;
  std::string spec;
  int instances = 0;
  std::vector<std::string> old;        // IDs of the containers that it replaces
  std::vector<std::string> rest = {};  // of those that `scale SERVICE 0` has stopped: the next scale starts them
  bool operator==(const LastRun&) const = default;
};

namespace input {
struct Done {  // of Lock, Pull, Start, Smoke, Share, Settle, Drain, Stop, Remove and Sleep
  Status status;
};
struct World {
  std::string color;        // "" = nobody has said one yet
  std::uint64_t index = 0;  // ModifyIndex of the colour's key; 0 = it is not there
  std::vector<Box> boxes;
  std::set<std::string> names = {};  // of all containers on all engines
  LastRun last = {};
  std::vector<std::string> plain = {};  // names of running containers that are registered without a colour
  bool shared = false;                  // an earlier run has given the idle colour a part of the traffic
};
struct Looked {
  Result<World> world;
};
struct Created {
  Result<Box> box;
};
struct Checks {
  std::vector<Passing> passing;
  std::vector<std::string> ended;  // names of containers that do not run any more
};
struct Checked {
  Result<Checks> checks;
};
struct Written {
  // The key as it is after the attempt, ours or not.
  struct Color {
    std::string color;
    std::uint64_t index = 0;
  };
  Result<Color> now;
};
struct Followed {
  Result<Following> following;
};
}  // namespace input

// Of those asked for, the ones that pass.
inline bool passes(const Box& box, const input::Checks& checks) {
  return std::ranges::any_of(
      checks.passing, [&](const Passing& one) { return !one.container.empty() && box.id.starts_with(one.container); });
}

using Input = std::variant<input::Done, input::Looked, input::Created, input::Checked, input::Written, input::Followed>;

namespace action {
struct Lock {};
struct Look {};
struct Pull {
  std::string host;
  std::string image;
};
struct Create {
  std::string host;
  std::string color;
  int number = 1;
  std::string run = {};
};
struct Start {
  Box box;
};
struct Check {
  std::vector<Box> boxes;  // all of one colour
};
struct Smoke {
  std::vector<Passing> instances;
};
// Check-and-set of the colour's key. Notes before it who uses the old one, unless the switch goes back.
struct Write {
  std::string color;
  std::uint64_t index = 0;
  std::string old;
  bool back = false;
};
// So many percent of the traffic for a colour that does not serve yet; 0: none for any.
struct Share {
  std::string color;
  int percent = 0;
};
struct Follow {
  std::string old;
  std::string fresh;
};
// Until all load balancers that live send requests to the instances that pass. Their colour is that of the boxes.
struct Settle {
  std::vector<Box> boxes;
};
struct Drain {
  std::vector<Box> boxes;
};
struct Stop {
  Box box;
};
struct Remove {
  Box box;
};
struct Sleep {
  base::Duration time{};
};
// For the record in KV: readable by `status`, and what a second run finds.
struct Record {
  std::string stage;
  std::string from;
  std::string to;
  LastRun roll = {};  // of a rolling change; the strategy is "" otherwise
  std::size_t replaced = 0;
};
struct Say {
  std::string event;
  std::string text;
  base::Duration took{};  // until the event; 0 = not measured
};
struct Finish {
  int code = 0;
};
}  // namespace action
using Action = std::variant<action::Lock, action::Look, action::Pull, action::Create, action::Start, action::Check,
                            action::Smoke, action::Write, action::Share, action::Follow, action::Settle, action::Drain,
                            action::Stop, action::Remove, action::Sleep, action::Record, action::Say, action::Finish>;
using Actions = std::vector<Action>;

}  // namespace longshore::deploy
