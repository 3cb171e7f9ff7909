// The part of the machine that looks after the supervised program.
#include <csignal>

#include "renderer/core/machine.h"

namespace longshore::render {

void RenderMachine::tend_child(base::TimePoint now) {
  if (!child_ || exited_) return;
  // Commands first, then the program: it may be what they prepare.
  // A single run whose command failed is over: nothing is started that would outlive it.
  const bool failed = settings_.once && followups_.any_failed();
  if (!stop_by_ && !settings_.parse_only && !failed && quiet() && all_rendered()) {
    const ChildKeeper::Orders first = child_->ready();
    if (first.empty() && child_outdated_) child_->changed(now, random_.chance());
    child_outdated_ = false;
    obey(first);
  }
  obey(child_->tick(now));
}

void RenderMachine::obey(const ChildKeeper::Orders& orders) {
  for (const ChildKeeper::Order& order : orders) {
    if (order.kind == ChildKeeper::Order::Kind::start) {
      act(action::StartChild{child_->settings().command, child_->settings().environment});
      continue;
    }
    say(base::Level::info, "child_signalled", {{"signal", std::to_string(order.signal)}});
    act(action::SignalChild{order.signal});
  }
}

void RenderMachine::on(input::ChildStarted& started, base::TimePoint now) {
  if (!child_) return;
  const std::string command = to_string(child_->settings().command);
  if (started.status) {
    child_->started(now);
    say(base::Level::info, "child_started", {{"command", command}});
    return;
  }
  say(base::Level::error, "child_not_started", {{"command", command}, {"error", started.status.error().text}});
  obey(child_->exited(true, now, random_.chance()));
  if (child_->ended()) end_with(kExitFailed, now);
}

void RenderMachine::on(input::ChildExited& exited, base::TimePoint now) {
  if (!child_) return;
  const int by_signal = settings_.child_signal_codes ? 128 + exited.signal : 255;
  const int code = exited.signal == 0 ? exited.code : by_signal;
  say(base::Level::info, "child_ended",
      {{exited.signal == 0 ? "code" : "signal", std::to_string(exited.signal == 0 ? exited.code : exited.signal)}});
  obey(child_->exited(code != 0, now, random_.chance()));
  if (child_->ended()) end_with(code, now);
}

void RenderMachine::on(input::Signal& signal, base::TimePoint now) {
  if (!child_ || !child_->running()) {
    say(base::Level::debug, "signal_ignored", {{"signal", std::to_string(signal.number)}});
    return;
  }
  obey(child_->forward(signal.number, now, random_.chance()));
}

}  // namespace longshore::render
