// Merged settings to a RenderConfig: defaults that depend on others, what can only be judged together, the client's
// settings, the commands' environment.
#pragma once
#include "renderer/load.h"

namespace longshore::render::settings {

std::expected<RenderConfig, LoadError> finalize(const Settings& settings, const cli::Environment& environment,
                                                Name name);

// finalize_consul.cpp. Standard variables of Consul's API library are the lowest layer.
Result<consul::ClientSettings> client_settings(const Consul& consul, const cli::Environment& environment);

// finalize_env.cpp. What a command sees: `ours` as far as `rules` let it, where Consul is, and what the rules add.
// Source: consul-template, config/env.go and 4.6 of its behaviour.
Environment command_environment(const Env& rules, const Environment& ours, const consul::ClientSettings& consul);

}  // namespace longshore::render::settings
