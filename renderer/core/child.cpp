#include "renderer/core/child.h"

#include <csignal>

namespace longshore::render {
namespace {

// One that ran this long was well: the next pause is a short one again.
constexpr base::Duration kWell = std::chrono::minutes(1);

ChildKeeper::Order send(int signal) {
  return {ChildKeeper::Order::Kind::signal, signal};
}

}  // namespace

base::TimePoint ChildKeeper::splayed(base::TimePoint now, double chance) const {
  return now + base::Duration(static_cast<std::int64_t>(static_cast<double>(settings_.splay.count()) * chance));
}

ChildKeeper::Orders ChildKeeper::ready() {
  if (state_ != State::idle) return {};
  state_ = State::running;
  return {Order{}};
}

void ChildKeeper::started(base::TimePoint now) {
  since_ = now;
}

void ChildKeeper::changed(base::TimePoint now, double chance) {
  if (state_ != State::running || plan_ != Plan::none) return;
  if (settings_.reload_signal == 0) return;
  plan_ = settings_.reload_signal ? Plan::reload : Plan::restart;
  plan_at_ = splayed(now, chance);
}

ChildKeeper::Orders ChildKeeper::forward(int signal, base::TimePoint now, double chance) {
  if (!running()) return {};
  if (state_ == State::running && settings_.reload_signal == signal) {
    if (plan_ == Plan::none) plan_at_ = splayed(now, chance);
    if (plan_ == Plan::none) plan_ = Plan::reload;
    return {};
  }
  if (state_ == State::running && settings_.kill_signal == signal) return kill(State::ending, now);
  return {send(signal)};
}

ChildKeeper::Orders ChildKeeper::kill(State next, base::TimePoint now) {
  state_ = next;
  plan_ = Plan::none;
  if (settings_.kill_signal == 0) return {send(SIGKILL)};
  kill_by_ = now + settings_.kill_timeout;
  return {send(settings_.kill_signal)};
}

ChildKeeper::Orders ChildKeeper::stop(base::TimePoint now) {
  if (state_ == State::running) return kill(State::ending, now);
  if (state_ == State::restarting)
    state_ = State::ending;
  else if (state_ != State::ending)
    state_ = State::ended;
  return {};
}

void ChildKeeper::configure(ChildSettings settings, base::TimePoint now, double chance) {
  const bool other =
      settings.command != settings_.command ||
      (settings.environment != settings_.environment &&
       (!settings.environment || !settings_.environment || *settings.environment != *settings_.environment));
  settings_ = std::move(settings);
  if (!other || state_ != State::running) return;
  plan_ = Plan::restart;
  plan_at_ = splayed(now, chance);
}

ChildKeeper::Orders ChildKeeper::tick(base::TimePoint now) {
  if (kill_by_ && *kill_by_ <= now) {
    kill_by_.reset();
    return {send(SIGKILL)};
  }
  if (state_ == State::pausing && resume_at_ <= now) {
    state_ = State::running;
    return {Order{}};
  }
  if (state_ != State::running || plan_ == Plan::none || plan_at_ > now) return {};
  if (plan_ == Plan::restart) return kill(State::restarting, now);
  plan_ = Plan::none;
  const int signal = settings_.reload_signal.value_or(0);
  return signal == 0 ? Orders{} : Orders{send(signal)};
}

std::optional<base::TimePoint> ChildKeeper::next_due() const {
  if (kill_by_) return kill_by_;
  if (state_ == State::pausing) return resume_at_;
  if (state_ == State::running && plan_ != Plan::none) return plan_at_;
  return std::nullopt;
}

ChildKeeper::Orders ChildKeeper::exited(bool failed, base::TimePoint now, double chance) {
  kill_by_.reset();
  const State before = state_;
  plan_ = Plan::none;
  state_ = State::ended;
  if (before == State::restarting) {
    state_ = State::running;
    return {Order{}};
  }
  using Restart = ChildSettings::Restart;
  const bool again = settings_.restart == Restart::always || (settings_.restart == Restart::on_failure && failed);
  if (before != State::running || !again) return {};
  if (now - since_ >= kWell) backoff_.reset();
  state_ = State::pausing;
  resume_at_ = now + backoff_.next(chance);
  return {};
}

}  // namespace longshore::render
