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
    clearing,  // what an earlier run left of the idle colour
    pulling,
    creating,
    starting,
    checking,
    smoking,
    writing,
    following,
    keeping,
    draining,
    stopping,
    undoing,    // what this run made
    restoring,  // the colour
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
  std::vector<Box> old_boxes_;  // those that run
  std::vector<Box> fresh_boxes_;
  std::vector<Box> touched_;  // made or started by this run: undone when it fails
  std::vector<Box> todo_;
  std::vector<std::string> hosts_todo_;
  std::size_t wanted_ = 0;
  std::size_t passing_said_ = 0;
  std::string waiting_said_;
  base::TimePoint until_{};
  base::TimePoint since_{};
  bool interrupted_ = false;
};

}  // namespace longshore::deploy
