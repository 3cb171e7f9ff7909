// A check that this registry runs or whose TTL it watches: the definition and what has been seen so far. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/duration.h"
#include "common/consul/model.h"

namespace longshore::registry {

enum class CheckStatus { passing, warning, critical };

std::string_view to_string(CheckStatus status);
std::optional<CheckStatus> parse_check_status(std::string_view text);

// Consecutive outcomes against the thresholds of a definition.
// Source: agent/checks.StatusHandler of Consul; a threshold of 0 or 1 acts at once.
struct CheckCounter {
  int successes = 0;
  int failures = 0;
  // The status to take over, or nothing while the thresholds are not reached.
  std::optional<CheckStatus> count(const consul::CheckDefinition& definition, CheckStatus outcome);
  bool operator==(const CheckCounter&) const = default;
};

struct LocalCheck {
  consul::CheckDefinition definition;
  std::string service_id;  // "" = the node's
  CheckCounter counter;
  std::string output;                         // the latest; the catalog's may lag behind
  std::optional<base::TimePoint> output_due;  // when a changed output with an unchanged status is told
  std::optional<base::TimePoint> ttl_until;   // TTL checks: critical from then on
  std::optional<base::TimePoint> critical_since;
  std::uint64_t generation = 0;  // rises with each new definition
};

// When a service that stays critical is deregistered; nothing without DeregisterCriticalServiceAfter, which Consul
// raises to at least a minute.
std::optional<base::TimePoint> reap_time(const LocalCheck& check);

// HOST:PORT of a check that is tried by connecting: TCP, and gRPC and H2PING, of whose protocols nothing more is
// spoken. "" for others.
std::string connect_target(const consul::CheckDefinition& definition);
bool is_alias(const consul::CheckDefinition& definition);
// "" = no check that this registry can keep; ttl http tcp grpc h2ping alias.
std::string check_type(const consul::CheckDefinition& definition);
// Consul's words for what is wrong, or ours for kinds that the embedded registry does not run.
std::optional<std::string> check_problem(const consul::CheckDefinition& definition);
// How long one run may take. Source: Consul's CheckHTTP and CheckTCP.
base::Duration check_timeout(const consul::CheckDefinition& definition);
// Between two runs: the interval; until a first success short waits that double up to it, so that an instance that
// has just started is seen within a fraction of a second.
base::Duration check_pause(const consul::CheckDefinition& definition, int runs, bool ever_passed);

}  // namespace longshore::registry
