// Heartbeats: the TTL checks of our services that this agent feeds. What a check says comes from its container; it is
// sent at once when it changes and again before a third of its TTL has passed. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/core/consul_link.h"
#include "agent/core/messages.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"

namespace longshore::agent {

struct Feed {
  std::string check_id;
  std::string service_id;
  base::Duration ttl{};
  std::string status;  // passing, warning, critical
  std::string output;
  bool operator==(const Feed&) const = default;
};

class Feeder {
 public:
  static constexpr std::size_t kFeedsAtOnce = 16;

  explicit Feeder(std::uint64_t seed);

  // What one container's checks say; replaces what they said before.
  void want(const std::string& container, std::vector<Feed> feeds, base::TimePoint now);
  void forget(const std::string& container);
  // The service was written: its checks may say anything now.
  void service_written(const std::string& service_id, base::TimePoint now);
  // The service to register again when the agent does not know the check any more, "" otherwise.
  std::string fed(const input::CheckFed& said, base::TimePoint now, Actions& out);

  // standing: services that are listed and wanted. Only while writing is possible.
  void tick(const std::set<std::string>& standing, base::TimePoint now, Actions& out);
  std::optional<base::TimePoint> next_wake(const std::set<std::string>& standing) const;
  // After an outage: everything is due.
  void again(base::TimePoint now);

  std::size_t checks() const { return entries_.size(); }
  std::uint64_t heartbeats() const { return heartbeats_; }
  std::uint64_t failures() const { return failures_; }

 private:
  struct Entry {
    Feed feed;
    std::string container;
    base::TimePoint due{};
    bool in_flight = false;
    bool changed = false;  // while in flight
    std::string error;
    policy::Backoff backoff{std::chrono::milliseconds(250), std::chrono::seconds(10)};
  };
  std::map<std::string, Entry> entries_;             // by check ID
  std::map<std::string, std::set<std::string>> of_;  // container -> check IDs
  policy::Random random_;
  std::size_t in_flight_ = 0;
  std::uint64_t heartbeats_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace longshore::agent
