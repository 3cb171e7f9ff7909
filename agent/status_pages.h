// AgentStatus as JSON for /v1/status and as numbers for /metrics. Pure.
#pragma once
#include <string>

#include "agent/core/status.h"
#include "common/status/metrics.h"

namespace longshore::agent {

std::string status_json(const AgentStatus& status);
status::MetricSet metrics_of(const AgentStatus& status);

}  // namespace longshore::agent
