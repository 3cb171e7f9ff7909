#include "agent/core/withhold.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <set>
#include <utility>

#include "agent/core/metadata.h"
#include "common/base/text.h"
#include "common/docker/timestamp.h"

namespace longshore::agent {
namespace {

constexpr std::string_view kStopping = "stopping: signal ";
constexpr base::Duration kDockersPatience = std::chrono::seconds(10);
constexpr base::Duration kSlack = std::chrono::seconds(2);
// Linux: SIGRTMIN as programs see it; two below belong to the C library.
constexpr int kRealTimeMin = 34;
constexpr int kRealTimeMax = 64;

constexpr std::array<std::pair<std::string_view, int>, 16> kSignals = {{{"HUP", SIGHUP},
                                                                        {"INT", SIGINT},
                                                                        {"QUIT", SIGQUIT},
                                                                        {"ABRT", SIGABRT},
                                                                        {"KILL", SIGKILL},
                                                                        {"USR1", SIGUSR1},
                                                                        {"USR2", SIGUSR2},
                                                                        {"PIPE", SIGPIPE},
                                                                        {"ALRM", SIGALRM},
                                                                        {"TERM", SIGTERM},
                                                                        {"CHLD", SIGCHLD},
                                                                        {"CONT", SIGCONT},
                                                                        {"STOP", SIGSTOP},
                                                                        {"WINCH", SIGWINCH},
                                                                        {"PWR", SIGPWR},
                                                                        {"TSTP", SIGTSTP}}};

std::optional<int> real_time(std::string_view text) {
  for (const auto& [name, base, sign] : {std::tuple("RTMIN", kRealTimeMin, 1), std::tuple("RTMAX", kRealTimeMax, -1)}) {
    if (!text.starts_with(name)) continue;
    std::string_view rest = text.substr(5);
    if (rest.empty()) return base;
    if (rest.front() != (sign > 0 ? '+' : '-')) return std::nullopt;
    const auto offset = base::parse_uint(rest.substr(1));
    if (!offset || *offset > static_cast<unsigned>(kRealTimeMax - kRealTimeMin)) return std::nullopt;
    return base + sign * static_cast<int>(*offset);
  }
  return std::nullopt;
}

LeaveBy leave_by(const Metadata& metadata, const AgentOptions& options) {
  const std::string_view text = metadata.get("on_stop");
  if (text == "maintain") return LeaveBy::maintain;
  if (text == "deregister") return LeaveBy::deregister;
  return options.on_stop;
}

// The longest SERVICE_DRAIN of a container and its ports, 0 without any.
base::Duration drain_of(const docker::Container& container) {
  const DeclaredPorts declared = declared_ports(container);
  std::set<docker::Port> ports = {docker::Port{}};
  for (const std::set<docker::Port>& more : {container.exposed, declared.list, declared.named})
    ports.insert(more.begin(), more.end());
  for (const auto& [port, bindings] : container.published) ports.insert(port);
  base::Duration longest{};
  for (const docker::Port port : ports)
    if (const auto drain = base::parse_duration(metadata_for(container, port, false).get("drain")))
      longest = std::max(longest, *drain);
  return longest;
}

std::optional<int> stopping_signal(std::string_view reason) {
  if (!reason.starts_with(kStopping)) return std::nullopt;
  return parse_signal(reason.substr(kStopping.size()));
}

}  // namespace

std::string maintenance_reason(const Withhold& withhold) {
  return std::string(kOurMaintenance) + withhold.reason;
}

bool is_our_maintenance(std::string_view reason) {
  return reason.starts_with(kOurMaintenance);
}

std::optional<int> stop_in_reason(std::string_view maintenance) {
  if (!is_our_maintenance(maintenance)) return std::nullopt;
  return stopping_signal(maintenance.substr(kOurMaintenance.size()));
}

std::optional<int> stop_in_note(const WithdrawalNote& note, const docker::Container& container) {
  if (note.container.empty() || !container.id.starts_with(note.container)) return std::nullopt;
  // A note from before its start is of an earlier life.
  if (docker::nanoseconds_of(note.at) < docker::nanoseconds_of(container.state.started_at)) return std::nullopt;
  return stopping_signal(note.reason);
}

std::optional<int> parse_signal(std::string_view text) {
  text = base::trim(text);
  if (const auto number = base::parse_uint(text)) {
    if (*number == 0 || *number > static_cast<unsigned>(kRealTimeMax)) return std::nullopt;
    return static_cast<int>(*number);
  }
  std::string name = base::to_lower_ascii(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::string_view bare = name;
  if (bare.starts_with("SIG")) bare.remove_prefix(3);
  for (const auto& [known, number] : kSignals)
    if (bare == known) return number;
  return real_time(bare);
}

bool ends_container(const docker::Container& container, int signal) {
  return signal == SIGKILL || signal == parse_signal(container.stop_signal).value_or(SIGTERM);
}

base::Duration stop_patience(const docker::Container& container) {
  base::Duration patience = kDockersPatience;
  // Docker reads -1 as "for ever".
  if (container.stop_timeout && *container.stop_timeout >= 0)
    patience = std::chrono::seconds(*container.stop_timeout);
  else if (container.stop_timeout)
    patience = std::chrono::hours(24);
  return std::max(patience, drain_of(container)) + kSlack;
}

std::optional<Withhold> withhold_for(const docker::Container& container, docker::Port port,
                                     const std::string& service_id, const std::optional<StopSeen>& stop,
                                     const DrainWatch& drains, const AgentOptions& options) {
  // Keys instead of services have no maintenance.
  const bool keys = !options.kv_owner.empty();
  if (stop) {
    // Nothing survives SIGKILL: no need to wait for its end.
    const Metadata metadata = metadata_for(container, port, options.compatible);
    const LeaveBy by = stop->signal == SIGKILL || keys ? LeaveBy::deregister : leave_by(metadata, options);
    return Withhold{by, std::string(kStopping) + std::to_string(stop->signal)};
  }
  if (const DrainRecord* drain = drains.find(service_id, container.id, container.name)) {
    std::string reason = "drained";
    if (drain->target == kWholeNode) reason += " with its host";
    if (!drain->reason.empty()) reason += ": " + drain->reason;
    return Withhold{keys ? LeaveBy::deregister : drain->by, std::move(reason)};
  }
  if (container.state.paused && !options.compatible && !(container.has_healthcheck && options.docker_health))
    return Withhold{keys ? LeaveBy::deregister : LeaveBy::maintain, "paused"};
  return std::nullopt;
}

}  // namespace longshore::agent
