// Templates of the settings as the machine takes them. `consul`: what commands see of it, consul_variables().
#pragma once
#include "renderer/settings/finalize.h"

namespace longshore::render::settings {

std::expected<std::vector<TemplateSpec>, LoadError> finalize_templates(const Settings& settings,
                                                                       const cli::Environment& environment,
                                                                       const Environment& consul, Name name);

// Nothing when it is not given. Errors in consul-template's words.
Result<std::optional<WaitWindow>> window_of(const Wait& wait);

}  // namespace longshore::render::settings
