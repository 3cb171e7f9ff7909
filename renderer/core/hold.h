// Instances that vanished from a service's answer without a word. Consul cannot tell an emptied agent from a removal,
// so a vanished instance goes at once only when something else says that it is gone: a withdrawal note, a drain, or a
// refused connection. Otherwise it stays in the data for `hold`, probed again and again.
//
// Vanished is not critical: services are watched without the server's passing filter, so an instance whose check turned
// critical is still in the answer and leaves by the template's own filter, at once. Only instances that were passing or
// warning are held: the others were not in use.
//
// Pure: what to ask and what to say comes back as values.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "renderer/core/data.h"

namespace longshore::render {

// A KV record below longshore/withdrawn/<node>/ or longshore/drains/<node>/.
struct Note {
  enum class Kind : std::uint8_t { withdrawn, drain };
  std::string service_id = {};
  std::uint64_t modify_index = 0;
  bool operator==(const Note&) const = default;
};

enum class ProbeResult : std::uint8_t {
  open,     // something accepts connections there
  refused,  // the host says that nothing listens
  silent,   // no answer, or no way to ask: proves nothing
};

struct ProbeTarget {
  std::string address = {};
  std::uint16_t port = 0;
  auto operator<=>(const ProbeTarget&) const = default;
};

class HoldBook {
 public:
  enum class Event : std::uint8_t {
    vanished,  // missing in the answer; what that means is being asked
    held,      // nothing says that it is gone: it stays for now
    returned,  // it is in the answer again
    released,  // it is gone
  };
  struct Report {
    Event event = Event::vanished;
    Dependency on = {};
    InstancePtr instance = {};
    std::string reason = {};  // released: withdrawn, drained, refused, hold_over
  };
  struct Settings {
    base::Duration hold = std::chrono::seconds(10);  // 0 = nothing is held
    base::Duration probe_every = std::chrono::seconds(1);
  };
  // What the caller has to do and to know after a call. Each list is in a stable order.
  struct Outcome {
    std::vector<Report> reports;
    std::vector<std::string> read_notes;  // nodes
    std::vector<ProbeTarget> probes;
  };

  explicit HoldBook(Settings settings) : settings_(settings) {}
  // For instances that vanish from now on.
  void configure(Settings settings) { settings_ = settings; }

  // A new answer for `on`: puts held instances into `answer` (in order), compares with what was there `before` (with
  // held ones) and starts holding what vanished.
  Outcome answered(const Dependency& on, const ServiceData* before, ServiceData& answer, base::TimePoint now);
  // The notes of one kind of a node, or the reason why they could not be read (asked again with the probes).
  Outcome notes(const std::string& node, Note::Kind kind, const Result<std::vector<Note>>& notes);
  Outcome probed(const ProbeTarget& target, ProbeResult result, base::TimePoint now);
  // Ends what is over and starts probes that are due.
  Outcome tick(base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;
  // The dependency is not watched any more.
  void forget(const Dependency& on);

  // `data` without what this outcome released.
  static ServiceData without(const ServiceData& data, const Dependency& on, const Outcome& outcome);

  struct Held {
    InstancePtr instance = {};
    base::TimePoint since = {};
    base::TimePoint until = {};
    base::TimePoint probe_due = {};
    bool probing = false;
    bool withdrawals_known = false;
    bool drains_known = false;
    bool announced = false;
  };
  struct Key {
    Dependency on = {};
    std::string node = {};
    std::string id = {};
    auto operator<=>(const Key&) const = default;
  };
  const std::map<Key, Held>& held() const { return held_; }
  bool holds(const Dependency& on) const;
  std::uint64_t held_total() const { return held_total_; }

 private:
  template <class Decide>
  Outcome release_if(Decide decide);
  static void announce(const Key& key, Held& held, Outcome& out);

  Settings settings_;
  std::map<Key, Held> held_;
  std::uint64_t held_total_ = 0;
};

ProbeTarget probe_target(const Instance& instance);
// A note of that kind on the instance's node says that it goes.
bool tells_of(const Note& note, Note::Kind kind, const Instance& instance);
// Where the order of an answer would have it; with `near` at the end.
void insert_in_order(const Dependency& on, ServiceData& data, const InstancePtr& instance);

}  // namespace longshore::render
