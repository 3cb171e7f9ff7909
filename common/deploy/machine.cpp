#include "common/deploy/machine.h"

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

std::string count(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

Actions Machine::start() {
  return {action::Lock{}};
}

Actions Machine::step(const Input& said, base::TimePoint now) {
  const auto on = Overloaded{
      [&](const input::Done& answer) { return done(answer.status, now); },
      [&](const input::Looked& answer) { return looked(answer, now); },
      [&](const input::Created& answer) { return created(answer, now); },
      [&](const input::Checked& answer) {
        return stage_ == Stage::watching ? watched(answer, now) : checked(answer, now);
      },
      [&](const input::Written& answer) {
        return stage_ == Stage::restoring ? restored(answer, now) : written(answer, now);
      },
      [&](const input::Followed& answer) { return followed(answer, now); },
  };
  return std::visit(on, said);
}

Actions Machine::done(const Status& status, base::TimePoint now) {
  switch (stage_) {
    case Stage::locking:
      if (!status) return finish(1, "refused", status.error().text);
      stage_ = Stage::looking;
      return {action::Look{}};
    case Stage::clearing:
      if (!status) return undo("clearing the idle colour: " + status.error().text);
      todo_.erase(todo_.begin());
      return clear_next(now);
    case Stage::pulling:
      if (!status) return undo("pulling " + plan_.image + ": " + status.error().text);
      hosts_todo_.erase(hosts_todo_.begin());
      return pull_next(now);
    case Stage::starting: {
      if (!status) return undo("starting " + todo_.front().name + ": " + status.error().text);
      todo_.erase(todo_.begin());
      return start_next(now);
    }
    case Stage::smoking:
      if (!status) return undo("the smoke command: " + status.error().text);
      if (interrupted_) return undo("interrupted");
      return passed();
    case Stage::unsharing:
    case Stage::sharing:
    case Stage::retreating:
      return shared(status, now);
    case Stage::emptying:
    case Stage::leaving:
      return emptied(status, now);
    case Stage::draining:
      if (!status)
        return finish(1, "not_drained",
                      plan_.service + " is " + fresh_ + "; " + old_ + " was not stopped: " + status.error().text);
      return stop_next();
    case Stage::stopping: {
      if (!status)
        return finish(1, "not_stopped",
                      plan_.service + " is " + fresh_ + "; " + todo_.front().name +
                          " could not be stopped: " + status.error().text);
      todo_.erase(todo_.begin());
      return stop_next();
    }
    case Stage::undoing:
      todo_.erase(todo_.begin());
      return undo_next();
    case Stage::checking:
    case Stage::watching:
    case Stage::writing:
    case Stage::following:
    case Stage::keeping:
    case Stage::restoring:
      return slept(now);
    case Stage::looking:
    case Stage::creating:
    case Stage::ended:
      return {};
  }
  return {};
}

Actions Machine::looked(const input::Looked& said, base::TimePoint now) {
  if (!said.world) return finish(1, "failed", said.world.error().text);
  const input::World& world = *said.world;
  old_ = world.color;
  index_ = world.index;
  if (!old_.empty() && std::ranges::find(plan_.colors, old_) == plan_.colors.end())
    return finish(1, "refused",
                  plan_.service + " is " + base::log_value(old_) + ", which is neither " + plan_.colors[0] + " nor " +
                      plan_.colors[1]);
  fresh_ = old_ == plan_.colors[0] ? plan_.colors[1] : plan_.colors[0];
  std::vector<Box> idle;
  for (const Box& box : world.boxes) {
    if (box.color == old_ && box.running && !old_.empty()) old_boxes_.push_back(box);
    if (box.color == fresh_) idle.push_back(box);
  }
  if (plan_.rollback && world.shared && !old_.empty()) {
    // Back from a canary that an earlier run left: the other colour never served alone.
    for (const Box& box : idle)
      if (box.running) touched_.push_back(box);
    stage_ = Stage::unsharing;
    return {record("undoing"),
            action::Say{"rollback", plan_.service + ": " + fresh_ + " gives back its part of the traffic"},
            action::Share{fresh_, 0}};
  }
  if (plan_.rollback) {
    if (old_.empty() || idle.empty())
      return finish(1, "refused", plan_.service + ": there is no container of another colour to go back to");
    fresh_boxes_ = idle;
    wanted_ = idle.size();
    for (const Box& box : idle)
      if (!box.running) todo_.push_back(box);
    Actions out{record("start"), action::Say{"rollback", plan_.service + ": back from " + old_ + " to " + fresh_}};
    stage_ = Stage::starting;
    for (Action& next : start_next(now)) out.push_back(std::move(next));
    return out;
  }
  plain_ = world.plain;
  const std::size_t serving = old_.empty() ? plain_.size() : old_boxes_.size();
  wanted_ = plan_.instances > 0 ? static_cast<std::size_t>(plan_.instances) : std::max<std::size_t>(1, serving);
  todo_ = std::move(idle);
  std::erase_if(todo_, [](const Box& box) { return !box.ours && !box.running; });
  hosts_todo_ = plan_.hosts;
  Actions out{
      record("start"),
      action::Say{"started", plan_.service + ": " + (old_.empty() ? std::string("first colour ") : old_ + " to ") +
                                 fresh_ + ", " + count(wanted_, "instance") + " of " + plan_.image}};
  if (world.shared) {
    stage_ = Stage::unsharing;
    out.push_back(action::Share{fresh_, 0});
    return out;
  }
  stage_ = Stage::clearing;
  for (Action& next : clear_next(now)) out.push_back(std::move(next));
  return out;
}

// What others made is stopped, not removed.
Actions Machine::clear_next(base::TimePoint now) {
  if (interrupted_) return undo("interrupted");
  if (!todo_.empty()) {
    if (todo_.front().ours) return {action::Remove{todo_.front()}};
    return {action::Stop{todo_.front()}};
  }
  stage_ = Stage::pulling;
  return pull_next(now);
}

Actions Machine::pull_next(base::TimePoint now) {
  if (interrupted_) return undo("interrupted");
  if (plan_.pull && !hosts_todo_.empty()) return {action::Pull{hosts_todo_.front(), plan_.image}};
  stage_ = Stage::creating;
  return create_next(now);
}

Actions Machine::create_next(base::TimePoint now) {
  if (interrupted_) return undo("interrupted");
  const std::size_t made = fresh_boxes_.size();
  if (made < wanted_)
    return {action::Create{plan_.hosts[made % plan_.hosts.size()], fresh_, static_cast<int>(made) + 1}};
  todo_ = fresh_boxes_;
  stage_ = Stage::starting;
  return start_next(now);
}

Actions Machine::created(const input::Created& said, base::TimePoint now) {
  if (!said.box) return undo("creating a container: " + said.box.error().text);
  fresh_boxes_.push_back(*said.box);
  touched_.push_back(*said.box);
  return create_next(now);
}

Actions Machine::start_next(base::TimePoint now) {
  if (interrupted_) return undo("interrupted");
  if (!todo_.empty()) {
    if (plan_.rollback) touched_.push_back(todo_.front());
    return {action::Start{todo_.front()}};
  }
  stage_ = Stage::checking;
  until_ = now + plan_.healthy_limit;
  return check(now);
}

Actions Machine::check(base::TimePoint) {
  return {action::Check{fresh_boxes_}};
}

Actions Machine::checked(const input::Checked& said, base::TimePoint now) {
  if (interrupted_) return undo("interrupted");
  Actions out;
  std::size_t healthy = 0;
  if (said.checks) {
    if (!said.checks->ended.empty()) return undo(base::join(said.checks->ended, ", ") + " ended");
    for (const Box& box : fresh_boxes_) healthy += passes(box, *said.checks);
    if (healthy == fresh_boxes_.size()) {
      out.push_back(
          action::Say{"healthy", plan_.service + ": " + fresh_ + " is healthy, " + count(healthy, "instance")});
      out.push_back(record("healthy"));
      if (plan_.smoke) {
        stage_ = Stage::smoking;
        out.push_back(action::Smoke{said.checks->passing});
        return out;
      }
      for (Action& next : passed()) out.push_back(std::move(next));
      return out;
    }
  }
  if (now >= until_)
    return undo(said.checks ? std::to_string(healthy) + " of " + count(fresh_boxes_.size(), "instance") +
                                  " healthy after " + base::format_duration(plan_.healthy_limit)
                            : said.checks.error().text);
  if (healthy != passing_said_)
    out.push_back(action::Say{"waiting", plan_.service + ": " + std::to_string(healthy) + " of " +
                                             std::to_string(fresh_boxes_.size()) + " healthy"});
  passing_said_ = healthy;
  out.push_back(action::Sleep{kCheckAgain});
  return out;
}

Actions Machine::slept(base::TimePoint now) {
  switch (stage_) {
    case Stage::checking:
    case Stage::watching:
      return check(now);
    case Stage::writing:
      return write();
    case Stage::following:
      return {action::Follow{old_, fresh_}};
    case Stage::keeping:
      if (interrupted_)
        return finish(1, "interrupted", plan_.service + " is " + fresh_ + "; " + old_ + " was left running");
      if (now >= until_) return drain();
      return {action::Sleep{kCheckAgain}};
    default:
      return restore("");
  }
}

}  // namespace longshore::deploy
