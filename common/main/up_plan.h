// What `longshore up` starts: a registry, and an agent and a renderer that are told of it. Read before anything starts.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/options.h"
#include "agent/reread.h"
#include "common/cli/parser.h"
#include "common/registry/options.h"
#include "renderer/load.h"

namespace longshore::app {

struct UpPlan {
  std::optional<registry::Options> registry;  // nothing: -registry-addr is empty
  agent::AgentSetup agent;
  std::optional<agent::OptionReader> agent_options;  // set
  std::optional<render::RenderConfig> render;        // nothing: there is nothing to render
  std::vector<std::string> remarks;                  // what the user should be told
  std::optional<net::Endpoint> agent_pages;
  std::optional<net::Endpoint> render_pages;
};

cli::OptionTable up_options();

// With a registry of its own the parts get its address and, if it asks for one, `own_token`; what CONSUL_* variables
// say of address, token and TLS is then for others. -render.consul-addr leaves the renderer to them. `own_token`: as
// hard to guess as any secret. Errors: a wrong call.
Result<UpPlan> read_up_plan(const cli::Parsed& parsed, const cli::Environment& environment,
                            const std::string& own_token);

}  // namespace longshore::app
