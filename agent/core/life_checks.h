// Checks that the agent itself feeds: Docker's HEALTHCHECK, the lease, and SERVICE_CHECK_TTL. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/feeder.h"
#include "agent/core/service_spec.h"
#include "common/consul/model.h"
#include "common/docker/model.h"

namespace longshore::agent {

inline constexpr std::string_view kHealthCheck = "longshore-health:";  // + service ID
inline constexpr std::string_view kLeaseCheck = "longshore-lease:";    // + service ID
// The health check must outlive any outage of the agent: it reports, it is no lease.
inline constexpr base::Duration kHealthTtl = std::chrono::hours(24);

// Adds the health check (container with HEALTHCHECK, -docker-health) and the lease (SERVICE_LEASE or -lease) to every
// service of the container. Both say from the first moment what Docker says now.
void add_life_checks(const docker::Container& container, const AgentOptions& options, ContainerServices& services);

// The IDs under which Consul keeps the checks of a registration, in order. Source: agent.go AddService: service:<ID>,
// with :<n> from 1 when there are several.
std::vector<std::string> check_ids(const consul::Registration& registration);

// The TTL checks of a service and what they say.
std::vector<Feed> feeds_of(const docker::Container& container, const consul::Registration& registration);

// Which of the agent's present checks of a service have to go for the registration to stand alone. Maintenance is not
// a check in this sense. `before`: those whose kind changes; Consul (seen with 1.8.7) would go on running the old kind
// under the same ID. `after`: those that the registration does not have, removed when its own are in force.
struct StaleChecks {
  std::vector<std::string> before;
  std::vector<std::string> after;
};
StaleChecks stale_checks(const consul::Registration& registration,
                         const std::map<std::string, consul::HealthCheck>& present);

}  // namespace longshore::agent
