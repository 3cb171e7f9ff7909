// The variables that are settings, as a layer below the files.
#pragma once
#include "common/cli/parser.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// consul-template's own: CT_LOG, CONSUL_TEMPLATE_LOG, CONSUL_TEMPLATE_LOG_LEVEL; CONSUL_HTTP_ADDR, CONSUL_NAMESPACE,
// CONSUL_TOKEN before CONSUL_HTTP_TOKEN, and the same with _FILE. An empty variable is none.
Settings from_environment(const cli::Environment& environment);

}  // namespace longshore::render::settings
