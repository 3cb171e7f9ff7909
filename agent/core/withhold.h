// Why a service gets no traffic although its container runs: it is being stopped, drained or paused, or the agent goes
// and takes its services with it. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/agent_options.h"
#include "agent/core/drains.h"
#include "common/docker/model.h"

namespace longshore::agent {

struct Withhold {
  LeaveBy by = LeaveBy::maintain;
  std::string reason;  // "stopping: signal 15"
  bool operator==(const Withhold&) const = default;
};

// A container that was told to stop: seen by the `kill` event, which Docker sends right after the signal.
struct StopSeen {
  int signal = 15;
  base::TimePoint until{};  // still running then: it did not stop
  bool asked = false;       // the inspect that finds out is on its way
};

// Reasons of maintenance that begin so are ours to end; anybody else's maintenance is never touched.
inline constexpr std::string_view kOurMaintenance = "longshore: ";
std::string maintenance_reason(const Withhold& withhold);
bool is_our_maintenance(std::string_view reason);
// The signal, of a maintenance of ours that was begun because of a stop.
std::optional<int> stop_in_reason(std::string_view maintenance);
// The signal, of a note that was left because of a stop of this very life of the container.
std::optional<int> stop_in_note(const WithdrawalNote& note, const docker::Container& container);

// The signal of a `kill` event: "15", "SIGTERM", "TERM", "SIGRTMIN+3"; nothing for other texts.
std::optional<int> parse_signal(std::string_view text);
// Does this signal end the container? Its own stop signal (SIGTERM unless it says otherwise) and SIGKILL do.
bool ends_container(const docker::Container& container, int signal);
// How long Docker gives it between the stop signal and SIGKILL (10 s unless it says otherwise), or SERVICE_DRAIN, the
// longest of its ports, when that is longer, and 2 s more for Docker's own work.
base::Duration stop_patience(const docker::Container& container);

// Whether and why one service of a running container must not get traffic now. The first of: its stop, a drain, a
// pause (not for those whose health check says it already, nor under the compatibility name).
std::optional<Withhold> withhold_for(const docker::Container& container, docker::Port port,
                                     const std::string& service_id, const std::optional<StopSeen>& stop,
                                     const DrainWatch& drains, const AgentOptions& options);

}  // namespace longshore::agent
