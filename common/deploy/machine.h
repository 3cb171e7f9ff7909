// Blue/green as a dialogue: the idle colour is made, must pass its checks and the smoke command, the colour's key is
// switched by check-and-set, the load balancers give their word, the old colour is drained and stopped. Whatever fails
// before the switch leaves the old colour as it was; load balancers that do not follow put it back. Pure.
#pragma once
#include <string>
#include <vector>

#include "common/deploy/messages.h"

namespace longshore::deploy {

struct Plan {
  std::string service;
  std::string image;
  std::vector<std::string> colors;  // two, different
  std::vector<std::string> hosts;   // engines, at least one; new containers go around
  int instances = 0;                // 0: as many as the old colour has, at least one
  bool pull = false;
  bool smoke = false;
  bool rollback = false;  // back to the containers of the idle colour, nothing is made
  base::Duration healthy_limit = std::chrono::minutes(2);
  base::Duration follow_limit = std::chrono::minutes(1);
  base::Duration keep{};  // the old colour goes on running so long
  // Before the switch the new colour gets so many percent of the traffic, 1 to 99, one after another; each must go well
  // for `canary_time`. Empty: the switch is made at once.
  std::vector<int> canary = {};
  base::Duration canary_time = std::chrono::minutes(1);
};

class Machine {
 public:
  explicit Machine(Plan plan) : plan_(std::move(plan)) {}

  Actions start();
  Actions step(const Input& said, base::TimePoint now);
  // The operator does not want it any more: before the switch it is undone, after it the old colour is left running.
  void interrupt() { interrupted_ = true; }

 private:
  enum class Stage {
    locking,
    looking,
    unsharing,  // what an earlier run left of a canary: no traffic for the idle colour ..
    emptying,   // .. and nobody has requests there any more
    clearing,   // what an earlier run left of the idle colour
    pulling,
    creating,
    starting,
    checking,
    smoking,
    sharing,   // the next part of the traffic is asked for
    watching,  // does the new colour stand it?
    writing,
    following,
    keeping,
    draining,
    stopping,
    retreating,  // the canary's part is taken back ..
    leaving,     // .. and nobody has requests there any more
    undoing,     // what this run made
    restoring,   // the colour
    ended,
  };

  // machine.cpp: up to the switch
  Actions looked(const input::Looked& said, base::TimePoint now);
  Actions clear_next(base::TimePoint now);
  Actions pull_next(base::TimePoint now);
  Actions create_next(base::TimePoint now);
  Actions created(const input::Created& said, base::TimePoint now);
  Actions start_next(base::TimePoint now);
  Actions check(base::TimePoint now);
  Actions checked(const input::Checked& said, base::TimePoint now);
  Actions done(const Status& status, base::TimePoint now);
  Actions slept(base::TimePoint now);
  // machine_canary.cpp: a part of the traffic before the switch
  Actions passed();
  Actions share_next();
  Actions watched(const input::Checked& said, base::TimePoint now);
  Actions retreat(const std::string& why);
  Actions shared(const Status& status, base::TimePoint now);
  Actions emptied(const Status& status, base::TimePoint now);
  // machine_end.cpp: from the switch on
  Actions write();
  Actions written(const input::Written& said, base::TimePoint now);
  Actions followed(const input::Followed& said, base::TimePoint now);
  Actions drain();
  Actions stop_next();
  Actions undo(const std::string& why);
  Actions undo_next();
  Actions restore(const std::string& why);
  Actions restored(const input::Written& said, base::TimePoint now);
  Actions finish(int code, const std::string& event, const std::string& text);
  action::Record record(const std::string& stage) const { return {stage, old_, fresh_, {}, 0}; }

  const Plan plan_;
  Stage stage_ = Stage::locking;
  std::string old_;    // colour
  std::string fresh_;  // colour
  std::uint64_t index_ = 0;
  std::vector<Box> old_boxes_;      // those that run
  std::vector<std::string> plain_;  // run without a colour: of a service that was rolled before
  std::vector<Box> fresh_boxes_;
  std::vector<Box> touched_;  // made or started by this run: undone when it fails
  std::vector<Box> todo_;
  std::vector<std::string> hosts_todo_;
  std::size_t wanted_ = 0;
  std::size_t passing_said_ = 0;
  std::size_t canary_step_ = 0;
  std::string why_;      // the canary is taken back
  int undone_code_ = 1;  // 0: to undo is what was asked for
  std::string waiting_said_;
  base::TimePoint until_{};
  base::TimePoint since_{};
  bool interrupted_ = false;
};

}  // namespace longshore::deploy
