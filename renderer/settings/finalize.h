// Merged settings to a RenderConfig: defaults that depend on others, what can only be judged together, the client's
// settings, the commands' environment.
#pragma once
#include "renderer/load.h"

namespace longshore::render::settings {

std::expected<RenderConfig, LoadError> finalize(const Settings& settings, const cli::Environment& environment,
                                                Name name);

// finalize_consul.cpp. Standard variables of Consul's API library are the lowest layer.
Result<consul::ClientSettings> client_settings(const Consul& consul, const cli::Environment& environment);

// finalize_env.cpp. Where Consul is, for commands: what was said, as it was said. Source: consul-template, childEnv()
// of manager/runner.go; TLS is what is really used, there only what its own keys say.
Environment consul_variables(const Consul& said, const consul::ClientSettings& used);
// What a command sees: `ours` as far as `rules` let it, `consul`, and what the rules add. Source: config/env.go there.
Environment command_environment(const Env& rules, const Environment& ours, const Environment& consul);

}  // namespace longshore::render::settings
