// The renderer's command line: consul-template's options as far as they exist here, and our own.
#pragma once
#include "common/cli/options.h"
#include "common/cli/parser.h"
#include "renderer/config.h"

namespace longshore::render {

// Without -http-addr and -log-*, which every long-running verb has.
cli::OptionTable render_options();

// Everything that cannot be judged option by option. invalid_input: a wrong call (13); else configuration (15).
Result<RenderConfig> render_config(const cli::Parsed& parsed, const cli::Environment& environment);

}  // namespace longshore::render
