// The options about a service's life: how it leaves, what the agent feeds, what its own end does.
#pragma once
#include "agent/core/agent_options.h"
#include "agent/reap_effects.h"
#include "common/cli/parser.h"

namespace longshore::agent {

// Not under the compatibility name.
cli::OptionTable life_options();
Status life_values(const cli::Parsed& parsed, AgentOptions& options);
// After life_values.
Result<ReapSettings> reap_values(const cli::Parsed& parsed, const AgentOptions& options);

}  // namespace longshore::agent
