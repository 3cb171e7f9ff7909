// The command line, and the variables that stand for options of ours, as layers.
#pragma once
#include "common/cli/parsed.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// What was given in that layer: `option` or `environment`. The table is render_options(), with or without the options
// that every verb has.
Result<Settings> from_options(const cli::Parsed& parsed, cli::Origin layer);

}  // namespace longshore::render::settings
