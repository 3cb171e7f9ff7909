// Reading from the Consul agent: who it is, what it lists, and whether it can be reached. A full read now and then,
// in between a cheap look at one of our services, which notices an agent that restarted empty. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/core/agent_options.h"
#include "agent/core/messages.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"

namespace longshore::agent {

class ConsulLink {
 public:
  // fallback_node: the node's name when the token may not read /v1/agent/self.
  ConsulLink(const AgentOptions& options, std::string fallback_node, std::uint64_t seed);

  void configure(const AgentOptions& options) { options_ = options; }

  void start(Actions& out);
  void self_loaded(const input::SelfLoaded& said, base::TimePoint now, Actions& out);

  enum class News { none, all };  // all: actual() was replaced
  News services_loaded(const input::ServicesLoaded& said, base::TimePoint now, Actions& out);
  // Asks for what is due. `ours`: IDs that we believe to be registered.
  void tick(const std::set<std::string>& ours, base::TimePoint now, Actions& out);
  std::optional<base::TimePoint> next_wake() const;

  // A write started or ended: a read that is under way may show either side of it, so it does not count for this ID.
  void touched(const std::string& id) { touched_.insert(id); }
  // Some operation failed: have a look at once. A broken connection stops all writing until a read succeeds.
  void suspect(Errc code, base::TimePoint now);
  void reload(base::TimePoint now);

  void put(consul::Service service);
  // With its maintenance.
  void erase(const std::string& id);
  const std::map<std::string, consul::Service>& actual() const { return actual_; }
  // reason: nothing = not in maintenance.
  void put_maintenance(const std::string& id, const std::optional<std::string>& reason);
  // Reasons by service ID.
  const std::map<std::string, std::string>& maintenance() const { return maintenance_; }
  const std::optional<consul::AgentSelf>& self() const { return self_; }
  // Self is known, one full read succeeded, and the last one did not fail.
  bool writable() const { return self_.has_value() && known_ && !down_; }
  bool known() const { return known_; }
  const std::string& error() const { return error_; }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t read_failures() const { return read_failures_; }
  // Rises with every recovery from an outage.
  std::uint64_t recoveries() const { return recoveries_; }

 private:
  void load(std::string only_id, Actions& out);
  void failed(const Error& error, base::TimePoint now, Actions& out);
  std::string next_look(const std::set<std::string>& ours);

  AgentOptions options_;
  const std::string fallback_node_;
  policy::Random random_;
  std::optional<consul::AgentSelf> self_;
  std::map<std::string, consul::Service> actual_;
  std::map<std::string, std::string> maintenance_;
  std::set<std::string> touched_;
  bool loading_self_ = false;
  bool self_stale_ = false;
  base::TimePoint self_at_{};
  std::uint64_t ticket_ = 0;  // of the read in flight, 0 = none
  std::uint64_t tickets_ = 0;
  std::string looking_at_;  // only_id of the read in flight
  std::string cursor_;      // the last one looked at
  bool known_ = false;
  bool down_ = false;
  base::TimePoint full_at_{};
  base::TimePoint look_at_{};
  policy::Backoff backoff_{std::chrono::milliseconds(250), std::chrono::seconds(5)};
  policy::Backoff self_backoff_{std::chrono::milliseconds(250), std::chrono::seconds(5)};
  std::string error_;
  std::string logged_error_;
  std::string logged_self_error_;
  std::uint64_t reads_ = 0;
  std::uint64_t read_failures_ = 0;
  std::uint64_t recoveries_ = 0;
};

}  // namespace longshore::agent
