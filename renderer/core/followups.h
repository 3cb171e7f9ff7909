// What is to be done after files have changed: commands and reload signals, each once, one after another, in the order
// in which they were asked for. A failed one is tried again with backoff and does not stop the others. Pure.
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

using Environment = std::map<std::string, std::string, std::less<>>;

struct Followup {
  enum class Kind : std::uint8_t {
    command,    // `what` is run
    reload,     // `what` is a pid file: a signal to the process it names
    pid,        // .. the number of a process
    container,  // .. a container, by Docker's API
    child,      // the program that we supervise
  };
  Kind kind = Kind::command;
  Command what = {};
  base::Duration timeout = std::chrono::seconds(30);    // commands only; 0: started and not waited for
  std::shared_ptr<const Environment> environment = {};  // commands only; null: that of all commands
  int signal = 1;                                       // all but commands
  // Equal followups of one pass are one; the longest timeout counts, and the first one's environment.
  bool same_as(const Followup& other) const {
    return kind == other.kind && what == other.what && signal == other.signal;
  }
  bool operator==(const Followup&) const = default;
};

class Followups {
 public:
  // A file changed. One that already waits is not added again; one that is running now is, because it may not have
  // seen the new file. Waiting out a backoff ends: there is something new.
  void want(const Followup& what, base::TimePoint now);
  // The next one to start, which is then running; nothing while one runs or none is due.
  std::optional<Followup> start(base::TimePoint now);
  // The running one ended. Returns the wait before the next try, if it failed. chance: uniform in [0, 1).
  std::optional<base::Duration> done(bool success, base::TimePoint now, double chance);
  std::optional<base::TimePoint> next_due() const;  // nothing while one runs

  bool running() const { return running_.has_value(); }
  // It is to run once more.
  bool waits(const Followup& what) const;
  // Nothing runs and nothing waits, except for those that have failed at least once.
  bool settled() const;
  // One whose last try failed, also while it is tried again.
  std::optional<Followup> failing() const;
  bool any_failed() const { return failing().has_value(); }
  std::size_t pending() const { return waiting_.size() + (running_ ? 1 : 0); }

 private:
  struct Entry {
    Followup what;
    base::TimePoint due{};
    policy::Backoff backoff{std::chrono::seconds(1), std::chrono::seconds(60)};
  };
  std::vector<Entry> waiting_;
  std::optional<Entry> running_;
};

std::string to_string(const Followup& what);  // for logs: the command, or "reload <pid file>"

}  // namespace longshore::render
