// Groups of templates: those that were written down, and those that templates with the same target make.
#pragma once
#include "renderer/core/machine.h"
#include "renderer/load.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// Gives `machine` its groups and its templates theirs; the templates are there. Under the compatibility name only what
// was asked for with `group` and `check` is grouped.
Status make_groups(const Settings& settings, Name name, MachineSettings& machine);

// Fit for a part of a KV key; "" is.
bool is_key_part(const std::string& text);

}  // namespace longshore::render::settings
