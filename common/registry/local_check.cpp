#include "common/registry/local_check.h"

#include <algorithm>

namespace longshore::registry {
namespace {

constexpr base::Duration kShortestInterval = std::chrono::milliseconds(100);
constexpr base::Duration kLongestTimeout = std::chrono::seconds(10);

}  // namespace

std::string_view to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::passing:
      return "passing";
    case CheckStatus::warning:
      return "warning";
    case CheckStatus::critical:
      break;
  }
  return "critical";
}

std::optional<CheckStatus> parse_check_status(std::string_view text) {
  for (const CheckStatus status : {CheckStatus::passing, CheckStatus::warning, CheckStatus::critical})
    if (text == to_string(status)) return status;
  return std::nullopt;
}

std::optional<CheckStatus> CheckCounter::count(const consul::CheckDefinition& definition, CheckStatus outcome) {
  if (outcome != CheckStatus::critical) {
    ++successes;
    failures = 0;
    if (successes >= definition.success_before_passing) return outcome;
    return std::nullopt;
  }
  ++failures;
  successes = 0;
  if (failures >= definition.failures_before_critical) return CheckStatus::critical;
  if (definition.failures_before_warning > 0 && failures >= definition.failures_before_warning)
    return CheckStatus::warning;
  return std::nullopt;
}

std::optional<base::TimePoint> reap_time(const LocalCheck& check) {
  const base::Duration after = check.definition.deregister_critical_after;
  if (check.service_id.empty() || after <= base::Duration{} || !check.critical_since) return std::nullopt;
  return *check.critical_since + std::max<base::Duration>(after, std::chrono::minutes(1));
}

std::string connect_target(const consul::CheckDefinition& definition) {
  if (!definition.tcp.empty()) return definition.tcp;
  if (!definition.grpc.empty()) return definition.grpc.substr(0, definition.grpc.find('/'));
  return definition.h2ping;
}

bool is_alias(const consul::CheckDefinition& definition) {
  return !definition.alias_node.empty() || !definition.alias_service.empty();
}

std::string check_type(const consul::CheckDefinition& definition) {
  if (!definition.http.empty()) return "http";
  if (!definition.tcp.empty()) return "tcp";
  if (!definition.grpc.empty()) return "grpc";
  if (!definition.h2ping.empty()) return "h2ping";
  if (definition.ttl > base::Duration{}) return "ttl";
  if (is_alias(definition)) return "alias";
  return "";
}

std::optional<std::string> check_problem(const consul::CheckDefinition& definition) {
  const auto unsupported = [](std::string_view kind) {
    return std::string(kind) + " checks are not supported by the embedded registry";
  };
  // Its command is in the arguments too.
  if (!definition.docker_container_id.empty()) return unsupported("Docker");
  if (!definition.args.empty()) return unsupported("Script");
  if (!definition.udp.empty()) return unsupported("UDP");
  if (!definition.os_service.empty()) return unsupported("OS service");
  const bool runs = !definition.http.empty() || !connect_target(definition).empty();
  const base::Duration none{};
  if (definition.interval > none && definition.ttl > none)
    return "Invalid check: Interval and TTL cannot both be specified";
  if (runs && definition.interval <= none) return "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks";
  if (is_alias(definition) && definition.ttl > none) return "Invalid check: TTL must be not be set for Alias checks";
  if (!runs && !is_alias(definition) && definition.ttl <= none) return "Invalid check: TTL must be > 0 for TTL checks";
  if (!definition.status.empty() && !parse_check_status(definition.status)) return "Bad check status";
  return std::nullopt;
}

base::Duration check_timeout(const consul::CheckDefinition& definition) {
  if (definition.timeout > base::Duration{}) return definition.timeout;
  return std::min(std::max(definition.interval, kShortestInterval), kLongestTimeout);
}

base::Duration check_pause(const consul::CheckDefinition& definition, int runs, bool ever_passed) {
  const base::Duration interval = std::max(definition.interval, kShortestInterval);
  if (ever_passed) return interval;
  base::Duration pause = kShortestInterval;
  for (int i = 1; i < runs && pause < interval; ++i) pause *= 2;
  return std::min(pause, interval);
}

}  // namespace longshore::registry
