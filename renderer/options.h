// The renderer's command line: every option of consul-template, the older spellings that scripts still type, and ours.
#pragma once
#include "common/cli/options.h"

namespace longshore::render {

// Without -http-addr, -log-level and -log-format, which every long-running verb has.
cli::OptionTable render_options();

// The parts of it, one group of help each; consul_options() is in consul_options.cpp.
cli::OptionTable template_options();
cli::OptionTable consul_options();
cli::OptionTable change_options();
cli::OptionTable probe_options();
cli::OptionTable guard_options();
cli::OptionTable exec_options();
cli::OptionTable process_options();
// Options about Vault: known, hidden, and refused when they are typed.
cli::OptionTable vault_options();

}  // namespace longshore::render
