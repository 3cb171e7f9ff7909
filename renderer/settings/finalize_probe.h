// probe {} and health_check {} as what the machine is told.
#pragma once
#include "renderer/core/traffic.h"
#include "renderer/settings/environment.h"
#include "renderer/settings/finalize.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// On under our own name unless -once or -dry; under the compatibility name only if `probe { enabled = true }` says so.
Result<ProbeSettings> probe_settings(const Settings& settings, Name name);
// "2" or "50%".
Status check_probe_floor(std::string_view text);

}  // namespace longshore::render::settings
