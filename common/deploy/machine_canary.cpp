// A part of the traffic for the new colour before the switch, and the way back from it.
#include <algorithm>

#include "common/base/text.h"
#include "common/deploy/machine.h"

namespace longshore::deploy {
namespace {

constexpr base::Duration kLookAtCanary = std::chrono::milliseconds(200);

}  // namespace

// All gates are behind the new colour. Nobody can share with a colour that is not there.
Actions Machine::passed() {
  if (old_.empty() || canary_step_ >= plan_.canary.size()) return write();
  return share_next();
}

Actions Machine::share_next() {
  stage_ = Stage::sharing;
  const int percent = plan_.canary[canary_step_];
  return {record("canary"), action::Share{fresh_, percent}};
}

Actions Machine::shared(const Status& status, base::TimePoint now) {
  if (stage_ == Stage::sharing) {
    if (!status) return retreat("the canary's key: " + status.error().text);
    stage_ = Stage::watching;
    until_ = now + plan_.canary_time;
    const std::string percent = std::to_string(plan_.canary[canary_step_]);
    // Said by the key; whether a load balancer heeds it is its template's affair.
    return {action::Say{"canary", plan_.service + ": for " + base::format_duration(plan_.canary_time) + " " + fresh_ +
                                      " gets " + percent + " percent of the traffic, where templates heed a canary"},
            action::Check{fresh_boxes_}};
  }
  // Its part cannot be taken back: whoever serves must stay.
  if (!status)
    return finish(
        1, "not_restored",
        plan_.service + " is " + old_ + ", and " + fresh_ + " still has a part of the traffic: " + status.error().text);
  if (stage_ == Stage::retreating) {
    stage_ = Stage::leaving;
    return {action::Drain{touched_}};
  }
  stage_ = Stage::emptying;
  std::vector<Box> running = plan_.rollback ? touched_ : todo_;
  std::erase_if(running, [](const Box& box) { return !box.running; });
  return {action::Drain{running}};
}

Actions Machine::emptied(const Status& status, base::TimePoint now) {
  if (!status)
    return finish(1, "not_drained",
                  plan_.service + " is " + old_ + "; " + fresh_ + " was left running: " + status.error().text);
  if (stage_ == Stage::leaving) return undo(why_);
  if (!plan_.rollback) {
    stage_ = Stage::clearing;
    return clear_next(now);
  }
  undone_code_ = 0;
  stage_ = Stage::undoing;
  todo_ = touched_;
  return undo_next();
}

Actions Machine::watched(const input::Checked& said, base::TimePoint now) {
  if (interrupted_) return retreat("interrupted");
  if (said.checks) {
    if (!said.checks->ended.empty()) return retreat(base::join(said.checks->ended, ", ") + " ended");
    for (const Box& box : fresh_boxes_)
      if (!passes(box, *said.checks))
        return retreat(box.name + " does not pass its checks with " + std::to_string(plan_.canary[canary_step_]) +
                       " percent of the traffic");
    if (now >= until_) {
      ++canary_step_;
      return passed();
    }
  } else if (now >= until_ + plan_.healthy_limit) {
    return retreat(said.checks.error().text);
  }
  return {action::Sleep{kLookAtCanary}};
}

// Nothing is removed before the load balancers have let go of it.
Actions Machine::retreat(const std::string& why) {
  why_ = why;
  stage_ = Stage::retreating;
  return {action::Say{"canary_failed", plan_.service + ": " + why + "; all traffic back to " + old_}, record("undoing"),
          action::Share{fresh_, 0}};
}

}  // namespace longshore::deploy
