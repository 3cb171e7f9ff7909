// A rolling change as a dialogue: batch by batch new containers are made and must pass their checks (and the smoke
// command), then as many old ones are drained and stopped. The same way leads back, and to another number of instances.
// Never are there fewer instances than before, unless fewer are wanted. Pure.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "common/deploy/roll_steps.h"

namespace longshore::deploy {

// What an operator asks for meanwhile.
enum class Order { none, pause, resume, abort };

class RollMachine {
 public:
  explicit RollMachine(RollPlan plan) : plan_(std::move(plan)) {}

  Actions start();
  Actions step(const Input& said, base::TimePoint now);
  // Ends where it is: what is half made is removed, what is replaced stays so. The same call continues.
  void interrupt() { interrupted_ = true; }
  // The step under way need not be waited for any longer.
  bool gives_up() const { return interrupted_ || (order_ == Order::abort && !undoing_); }
  // pause: after the batch that is under way. abort: undoes all of it.
  void order(Order order) { order_ = order; }

 private:
  enum class Stage {
    locking,
    looking,
    pulling,
    clearing,
    creating,
    starting,
    checking,
    smoking,
    settling,  // nothing is to go: the new ones must have traffic all the same
    draining,
    stopping,
    removing,
    resting,
    paused,
    discarding,  // what never passed
    ended,
  };

  // roll.cpp: forward
  Actions done(const Status& status, base::TimePoint now);
  Actions looked(const input::Looked& said, base::TimePoint now);
  Actions pull_next(base::TimePoint now);
  Actions clear_next(base::TimePoint now);
  Actions next_batch(base::TimePoint now);
  Actions add_next(base::TimePoint now);
  Actions created(const input::Created& said, base::TimePoint now);
  Actions checked(const input::Checked& said, base::TimePoint now);
  Actions all_healthy(Actions out, const input::Checks& checks, base::TimePoint now);
  Actions slept(base::TimePoint now);
  // roll_end.cpp: old ones go, and the ways back
  Actions take_out(base::TimePoint now);
  Actions stop_next(base::TimePoint now);
  Actions stopped(base::TimePoint now);
  Actions rest(base::TimePoint now);
  Actions failed(const std::string& why, base::TimePoint now);
  Actions discard_next(base::TimePoint now);
  Actions undo(base::TimePoint now);
  Actions end(base::TimePoint now);
  Actions finish(int code, const std::string& stage, const std::string& event, const std::string& text);

  bool is_to_be_removed(const Box& box) const;
  std::string why_given_up() const { return interrupted_ ? "interrupted" : "aborted"; }
  std::string progress() const;
  action::Record record(const std::string& stage) const;

  const RollPlan plan_;
  Stage stage_ = Stage::locking;
  std::string color_;
  std::set<std::string> names_;
  LastRun last_;
  RollSteps steps_;                // what is left to do
  std::vector<Box> fresh_;         // of this change, running
  std::vector<Box> batch_;         // of these, those of the batch under way
  std::vector<Box> out_;           // old ones that were drained: started again when it is undone
  std::set<std::string> made_;     // IDs of those that this change has made or started
  std::set<std::string> resumed_;  // of these, those that were there and were started
  std::set<std::string> passed_;   // IDs of those that have taken traffic
  std::vector<Box> todo_;
  std::vector<std::string> hosts_todo_;
  std::size_t batch_left_ = 0;  // additions of the batch under way
  std::size_t replaced_ = 0;
  std::size_t passing_said_ = 0;
  std::string why_;  // it failed
  base::TimePoint until_{};
  base::TimePoint healthy_since_{};
  bool undoing_ = false;
  bool interrupted_ = false;
  Order order_ = Order::none;
};

}  // namespace longshore::deploy
