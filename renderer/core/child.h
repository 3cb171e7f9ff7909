// The supervised program of exec mode: when it is started, told, restarted, killed, and what its end means. Pure.
// Source of the rules: consul-template, child/child.go and 4.7 of its behaviour.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/policy/backoff.h"
#include "renderer/core/command.h"

namespace longshore::render {

struct ChildSettings {
  enum class Restart : std::uint8_t { no, on_failure, always };

  Command command = {};
  std::shared_ptr<const std::map<std::string, std::string, std::less<>>> environment = {};  // all that it sees
  int kill_signal = 2;                                                                      // 0: SIGKILL at once
  base::Duration kill_timeout = std::chrono::seconds(30);                                   // then SIGKILL
  // After a change. Nothing: it is restarted; 0: it is not told.
  std::optional<int> reload_signal = {};
  base::Duration splay{};  // it is told, restarted, after a random part of this
  Restart restart = Restart::no;
};

class ChildKeeper {
 public:
  // What is to be done now: start it, or send it a signal.
  struct Order {
    enum class Kind : std::uint8_t { start, signal };
    Kind kind = Kind::start;
    int signal = 0;
    bool operator==(const Order&) const = default;
  };
  using Orders = std::vector<Order>;

  explicit ChildKeeper(ChildSettings settings) : settings_(std::move(settings)) {}

  // Everything is rendered: the first time it is started.
  Orders ready();
  // Files have changed. chance: uniform in [0, 1).
  void changed(base::TimePoint now, double chance);
  // A signal of ours that is meant for it.
  Orders forward(int signal, base::TimePoint now, double chance);
  // We end: no splay, no restart.
  Orders stop(base::TimePoint now);
  // Other settings; with another command or environment it is restarted.
  void configure(ChildSettings settings, base::TimePoint now, double chance);
  Orders tick(base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;

  void started(base::TimePoint now);
  // It ended, or (`failed`) could not be started. The orders are about the next one. After the last one ended()
  // answers.
  Orders exited(bool failed, base::TimePoint now, double chance);

  bool running() const { return state_ != State::idle && state_ != State::pausing && state_ != State::ended; }
  bool ended() const { return state_ == State::ended; }
  const ChildSettings& settings() const { return settings_; }

 private:
  enum class State : std::uint8_t {
    idle,        // never started
    running,     // starting counts as running
    restarting,  // asked to end, the next one follows
    ending,      // asked to end, nothing follows
    pausing,     // ended by itself, the next one follows after a pause
    ended,
  };
  enum class Plan : std::uint8_t { none, reload, restart };

  Orders kill(State next, base::TimePoint now);
  base::TimePoint splayed(base::TimePoint now, double chance) const;

  ChildSettings settings_;
  State state_ = State::idle;
  Plan plan_ = Plan::none;
  base::TimePoint plan_at_{};
  base::TimePoint since_{};
  std::optional<base::TimePoint> kill_by_;
  base::TimePoint resume_at_{};
  policy::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(60)};
};

}  // namespace longshore::render
