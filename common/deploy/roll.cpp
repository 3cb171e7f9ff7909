#include "common/deploy/roll.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace longshore::deploy {
namespace {

constexpr base::Duration kCheckAgain = std::chrono::milliseconds(100);

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

std::string count(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

void append(Actions& out, Actions more) {
  for (Action& next : more) out.push_back(std::move(next));
}

Actions RollMachine::start() {
  return {action::Lock{}};
}

Actions RollMachine::step(const Input& said, base::TimePoint now) {
  const auto on = Overloaded{
      [&](const input::Done& answer) { return done(answer.status, now); },
      [&](const input::Looked& answer) { return looked(answer, now); },
      [&](const input::Created& answer) { return created(answer, now); },
      [&](const input::Checked& answer) { return checked(answer, now); },
      [&](const input::Written&) { return Actions(); },
      [&](const input::Followed&) { return Actions(); },
  };
  return std::visit(on, said);
}

Actions RollMachine::done(const Status& status, base::TimePoint now) {
  switch (stage_) {
    case Stage::locking:
      if (!status) return finish(1, "", "refused", status.error().text);
      stage_ = Stage::looking;
      return {action::Look{}};
    case Stage::pulling:
      if (!status) return failed("pulling: " + status.error().text, now);
      hosts_todo_.erase(hosts_todo_.begin());
      return pull_next(now);
    case Stage::clearing:
      if (!status) return failed("clearing what earlier changes left: " + status.error().text, now);
      todo_.erase(todo_.begin());
      return clear_next(now);
    case Stage::starting:
      if (!status) return failed("starting " + batch_.back().name + ": " + status.error().text, now);
      return add_next(now);
    case Stage::smoking:
      if (!status) return failed("the smoke command: " + status.error().text, now);
      return take_out(now);
    case Stage::settling:
      if (status) return rest(now);
      if (gives_up()) return failed(why_given_up(), now);
      // Nothing was taken away: to drain the new ones again would wait for the same load balancer.
      if (plan_.kind == RollPlan::Kind::scale)
        return finish(1, "done", "not_settled", plan_.service + ": " + progress() + "; " + status.error().text);
      return failed(status.error().text, now);
    case Stage::draining:
      if (!status) return failed(status.error().text, now);
      return stop_next(now);
    case Stage::stopping:
      if (!status) return failed(todo_.front().name + " could not be stopped: " + status.error().text, now);
      return stopped(now);
    case Stage::removing:
      todo_.erase(todo_.begin());
      return stop_next(now);
    case Stage::discarding:
      todo_.erase(todo_.begin());
      return discard_next(now);
    case Stage::checking:
    case Stage::resting:
    case Stage::paused:
      return slept(now);
    case Stage::looking:
    case Stage::creating:
    case Stage::ended:
      return {};
  }
  return {};
}

Actions RollMachine::looked(const input::Looked& said, base::TimePoint now) {
  if (!said.world) return finish(1, "", "failed", said.world.error().text);
  color_ = said.world->color;
  last_ = said.world->last;
  names_ = said.world->names;
  Result<RollSteps> steps = steps_for(plan_, *said.world);
  if (!steps) return finish(1, "", "refused", plan_.service + ": " + steps.error().text);
  steps_ = std::move(*steps);
  fresh_ = steps_.fresh;
  for (const Box& box : fresh_) made_.insert(box.id);
  for (const Box& box : fresh_) passed_.insert(box.id);
  out_ = steps_.gone;
  replaced_ = out_.size();
  if (steps_.additions.empty() && steps_.removals.empty() && fresh_.empty())
    return finish(0, "", "unchanged", plan_.service + ": " + count(steps_.wanted, "instance") + ", as before");
  if (plan_.pull)
    for (const Addition& one : steps_.additions)
      if (one.box.id.empty() && std::ranges::find(hosts_todo_, one.host) == hosts_todo_.end())
        hosts_todo_.push_back(one.host);
  std::string text = plan_.service + ": ";
  if (plan_.kind == RollPlan::Kind::back)
    text += "back to " + count(steps_.additions.size(), "instance") + " of before, ";
  else if (plan_.kind == RollPlan::Kind::scale)
    text += "to " + count(steps_.wanted, "instance") + ", ";
  else
    text += std::string(steps_.continued ? "continued: " : "") + count(steps_.wanted, "instance") + " of " +
            plan_.image + ", ";
  text += std::to_string(steps_.additions.size()) + " to start, " + std::to_string(steps_.removals.size()) +
          " to stop, " + std::to_string(plan_.batch) + " at a time";
  Actions out{record("start"), action::Say{"started", std::move(text)}};
  stage_ = Stage::pulling;
  append(out, pull_next(now));
  return out;
}

Actions RollMachine::pull_next(base::TimePoint now) {
  if (gives_up()) return failed(why_given_up(), now);
  if (!hosts_todo_.empty()) return {action::Pull{hosts_todo_.front(), plan_.image}};
  stage_ = Stage::clearing;
  todo_ = steps_.leftovers;
  return clear_next(now);
}

Actions RollMachine::clear_next(base::TimePoint now) {
  if (gives_up()) return failed(why_given_up(), now);
  if (!todo_.empty()) return {action::Remove{todo_.front()}};
  return next_batch(now);
}

Actions RollMachine::next_batch(base::TimePoint now) {
  if (gives_up()) return failed(why_given_up(), now);
  if (order_ == Order::pause) {
    stage_ = Stage::paused;
    return {action::Say{"paused", plan_.service + ": paused, " + progress()}, record("paused"),
            action::Sleep{kCheckAgain}};
  }
  if (steps_.additions.empty() && steps_.removals.empty() && fresh_.empty()) return end(now);
  batch_.clear();
  const std::size_t most = undoing_ ? steps_.additions.size() : static_cast<std::size_t>(plan_.batch);
  batch_left_ = std::min(most, steps_.additions.size());
  passing_said_ = 0;
  healthy_since_ = base::TimePoint{};
  return add_next(now);
}

Actions RollMachine::add_next(base::TimePoint now) {
  if (gives_up()) return failed(why_given_up(), now);
  if (batch_left_ == 0) {
    if (fresh_.empty()) return take_out(now);
    stage_ = Stage::checking;
    until_ = now + plan_.healthy_limit;
    return {action::Check{fresh_}};
  }
  --batch_left_;
  const Addition one = steps_.additions.front();
  steps_.additions.erase(steps_.additions.begin());
  if (!one.box.id.empty()) {
    stage_ = Stage::starting;
    if (!one.box.running) made_.insert(one.box.id);
    if (!one.box.running) resumed_.insert(one.box.id);
    batch_.push_back(one.box);
    fresh_.push_back(one.box);
    return {action::Start{one.box}};
  }
  stage_ = Stage::creating;
  const int number = free_number(plan_.service, color_, names_);
  return {action::Create{one.host, color_, number, plan_.kind == RollPlan::Kind::scale ? "" : steps_.run}};
}

Actions RollMachine::created(const input::Created& said, base::TimePoint now) {
  if (!said.box) return failed("creating a container: " + said.box.error().text, now);
  names_.insert(said.box->name);
  made_.insert(said.box->id);
  batch_.push_back(*said.box);
  fresh_.push_back(*said.box);
  stage_ = Stage::starting;
  return {action::Start{*said.box}};
}

Actions RollMachine::checked(const input::Checked& said, base::TimePoint now) {
  if (gives_up()) return failed(why_given_up(), now);
  Actions out;
  std::size_t healthy = 0;
  if (said.checks) {
    if (!said.checks->ended.empty()) return failed(base::join(said.checks->ended, ", ") + " ended", now);
    for (const Box& box : fresh_)
      if (passes(box, *said.checks)) {
        passed_.insert(box.id);
        ++healthy;
      }
    if (healthy == fresh_.size()) {
      if (healthy_since_ == base::TimePoint{}) healthy_since_ = now;
      if (now - healthy_since_ >= plan_.healthy_time || undoing_) return all_healthy(std::move(out), *said.checks, now);
    } else {
      healthy_since_ = base::TimePoint{};
    }
  }
  if (now >= until_ + plan_.healthy_time)
    return failed(said.checks ? std::to_string(healthy) + " of " + count(fresh_.size(), "new instance") +
                                    " healthy after " + base::format_duration(plan_.healthy_limit)
                              : said.checks.error().text,
                  now);
  if (said.checks && healthy != passing_said_)
    out.push_back(action::Say{"waiting", plan_.service + ": " + std::to_string(healthy) + " of " +
                                             count(fresh_.size(), "new instance") + " healthy"});
  passing_said_ = healthy;
  out.push_back(action::Sleep{kCheckAgain});
  return out;
}

Actions RollMachine::all_healthy(Actions out, const input::Checks& checks, base::TimePoint now) {
  if (!batch_.empty())
    out.push_back(action::Say{"healthy", plan_.service + ": " + count(batch_.size(), "new instance") + " healthy"});
  if (plan_.smoke && !undoing_ && !batch_.empty()) {
    action::Smoke smoke;
    for (const Passing& one : checks.passing)
      if (std::ranges::any_of(batch_, [&](const Box& box) { return box.id.starts_with(one.container); }))
        smoke.instances.push_back(one);
    stage_ = Stage::smoking;
    out.push_back(std::move(smoke));
    return out;
  }
  append(out, take_out(now));
  return out;
}

Actions RollMachine::slept(base::TimePoint now) {
  switch (stage_) {
    case Stage::checking:
      return {action::Check{fresh_}};
    case Stage::paused:
      if (!gives_up() && order_ == Order::pause) return {action::Sleep{kCheckAgain}};
      if (!gives_up()) {
        Actions out{action::Say{"resumed", plan_.service + ": resumed"}, record("rolling")};
        append(out, next_batch(now));
        return out;
      }
      return next_batch(now);
    case Stage::resting:
      if (gives_up() || order_ == Order::pause || now >= until_) return next_batch(now);
      return {action::Sleep{kCheckAgain}};
    default:
      return {};
  }
}

}  // namespace longshore::deploy
