// Old containers go, the change ends, or goes back.
#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/deploy/roll.h"

namespace longshore::deploy {

// Kept are the replaced ones, for the way back, what others have made, and what was there before; and all of a service
// of which none is left: the next ones are made after them.
bool RollMachine::is_to_be_removed(const Box& box) const {
  if (!box.ours || resumed_.contains(box.id)) return false;
  return undoing_ || (plan_.kind == RollPlan::Kind::scale && plan_.instances > 0);
}

Actions RollMachine::take_out(base::TimePoint now) {
  if (gives_up()) return failed(why_given_up(), now);
  std::vector<Box>& all = steps_.removals;
  const std::size_t most = undoing_ ? all.size() : std::min(all.size(), static_cast<std::size_t>(plan_.batch));
  todo_.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(most));
  if (todo_.empty() && !batch_.empty() && !undoing_) {
    stage_ = Stage::settling;
    return {action::Settle{batch_}};
  }
  if (todo_.empty()) return rest(now);
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(most));
  if (!undoing_) out_.insert(out_.end(), todo_.begin(), todo_.end());
  stage_ = Stage::draining;
  return {action::Drain{todo_}};
}

Actions RollMachine::stop_next(base::TimePoint now) {
  if (todo_.empty()) return rest(now);
  stage_ = Stage::stopping;
  return {action::Stop{todo_.front()}};
}

Actions RollMachine::stopped(base::TimePoint now) {
  const Box box = todo_.front();
  if (!undoing_) ++replaced_;
  if (is_to_be_removed(box)) {
    // Nothing is left of it to be started again.
    std::erase_if(out_, [&](const Box& one) { return one.id == box.id; });
    stage_ = Stage::removing;
    return {action::Remove{box}};
  }
  todo_.erase(todo_.begin());
  return stop_next(now);
}

Actions RollMachine::rest(base::TimePoint now) {
  if (steps_.additions.empty() && steps_.removals.empty()) return end(now);
  Actions out{action::Say{"batch", plan_.service + ": " + progress()}, record("rolling")};
  stage_ = Stage::resting;
  until_ = now + plan_.pause;
  append(out, slept(now));
  return out;
}

Actions RollMachine::end(base::TimePoint) {
  if (undoing_) {
    std::string text = plan_.service + ": " + why_ + "; as before";
    if (!fresh_.empty()) text += ", " + count(fresh_.size(), "instance") + " started again";
    return finish(1, plan_.kind == RollPlan::Kind::scale ? "done" : "undone", "undone", text);
  }
  switch (plan_.kind) {
    case RollPlan::Kind::scale:
      return finish(0, "done", "scaled",
                    plan_.service + " has " + count(steps_.wanted, "instance") +
                        (steps_.wanted == 0 ? "; those that were stopped are kept for the next scale" : ""));
    case RollPlan::Kind::back:
      return finish(0, "done", "deployed",
                    plan_.service + ": " + count(fresh_.size(), "instance") +
                        " of before; what they replaced is kept for -rollback");
    case RollPlan::Kind::replace:
      break;
  }
  return finish(0, "done", "deployed",
                plan_.service + ": " + count(fresh_.size(), "instance") + " of " + plan_.image + "; " +
                    count(out_.size(), "old one") + " stopped and kept for -rollback");
}

Actions RollMachine::failed(const std::string& why, base::TimePoint now) {
  why_ = why;
  if (undoing_)
    return finish(1, "failed", "not_undone",
                  plan_.service + ": the way back: " + why + "; what runs was left running, -rollback tries again");
  stage_ = Stage::discarding;
  todo_.clear();
  for (const Box& box : fresh_)
    if (made_.contains(box.id) && !passed_.contains(box.id)) todo_.push_back(box);
  std::erase_if(fresh_, [&](const Box& box) { return made_.contains(box.id) && !passed_.contains(box.id); });
  const auto stops = std::ranges::count_if(todo_, [&](const Box& box) { return resumed_.contains(box.id); });
  const char* how = stops == 0 ? " removed" : std::cmp_equal(stops, todo_.size()) ? " stopped" : " stopped or removed";
  Actions out{
      action::Say{"failed", plan_.service + ": " + why +
                                (todo_.empty() ? std::string() : "; " + count(todo_.size(), "new container") + how)}};
  append(out, discard_next(now));
  return out;
}

// What cannot be undone is found by the next run.
Actions RollMachine::discard_next(base::TimePoint now) {
  if (!todo_.empty() && resumed_.contains(todo_.front().id)) return {action::Stop{todo_.front()}};
  if (!todo_.empty()) return {action::Remove{todo_.front()}};
  const bool aborted = order_ == Order::abort;
  if (interrupted_ || !(plan_.undo || aborted))
    return finish(1, "stopped", "stopped",
                  plan_.service + ": stopped, " + progress() +
                      (plan_.kind == RollPlan::Kind::replace ? "; the same call continues, -rollback undoes" : ""));
  return undo(now);
}

Actions RollMachine::undo(base::TimePoint now) {
  undoing_ = true;
  order_ = Order::none;
  steps_.additions.clear();
  for (const Box& box : out_) steps_.additions.push_back({box.host, box});
  steps_.removals.clear();
  for (const Box& box : fresh_)
    if (made_.contains(box.id)) steps_.removals.push_back(box);
  Actions out;
  if (!steps_.additions.empty() || !steps_.removals.empty()) {
    out.push_back(action::Say{"undoing", plan_.service + ": back: " + std::to_string(steps_.additions.size()) +
                                             " to start, " + std::to_string(steps_.removals.size()) + " to stop"});
    out.push_back(record("undoing"));
  }
  fresh_.clear();
  todo_.clear();
  append(out, next_batch(now));
  return out;
}

std::string RollMachine::progress() const {
  const std::size_t started =
      static_cast<std::size_t>(std::ranges::count_if(fresh_, [&](const Box& box) { return made_.contains(box.id); }));
  return std::to_string(started) + " started, " + std::to_string(replaced_) + " stopped, " +
         std::to_string(steps_.additions.size()) + " and " + std::to_string(steps_.removals.size()) + " to go";
}

action::Record RollMachine::record(const std::string& stage) const {
  action::Record out;
  out.stage = stage;
  if (plan_.kind == RollPlan::Kind::scale) {
    // What the last rolling change has replaced stays known, for the way back.
    if (stage != "done") out.stage = "scaling";
    out.roll = last_;
    // Until it is clear which ones those are, any of them may be: who runs is not started again.
    out.roll.rest = stage == "done" && !undoing_ ? steps_.rest : joined(last_.rest, steps_.rest);
    return out;
  }
  if (plan_.kind == RollPlan::Kind::back && stage != "done") {
    // What there is to go back to, until it is reached: one more -rollback goes on.
    out.roll = last_;
    out.replaced = replaced_;
    return out;
  }
  out.roll.strategy = "rolling";
  out.roll.run = steps_.run;
  out.roll.spec = plan_.spec;
  out.roll.instances = static_cast<int>(steps_.wanted);
  out.roll.old = steps_.old;
  if (stage != "done") out.roll.rest = last_.rest;
  out.replaced = replaced_;
  return out;
}

Actions RollMachine::finish(int code, const std::string& stage, const std::string& event, const std::string& text) {
  stage_ = Stage::ended;
  Actions out{action::Say{event, text}};
  if (!stage.empty()) out.push_back(record(stage));
  out.push_back(action::Finish{code});
  return out;
}

}  // namespace longshore::deploy
