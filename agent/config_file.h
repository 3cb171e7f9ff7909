// The agent's part of the configuration files: a block `agent {}` whose keys are the names of its options. All other
// blocks are for others and left alone.
//
//   agent {
//     uri          = "consul://127.0.0.1:8500"
//     internal     = true
//     address-from = ["route", "10.0.0.0/8"]
//   }
#pragma once
#include <string>
#include <vector>

#include "common/cli/parser.h"
#include "common/hcl/node.h"

namespace longshore::agent {

// Read when there is no -config, under our own name, if it exists.
inline constexpr const char* kDefaultFile = "/etc/longshore/longshore.hcl";

// -config.
cli::OptionTable config_option();

// Sets what the agent {} blocks say in the layer `file` of `parsed`, a later one over an earlier one; a dash in a name
// may be an underscore. `known`: every name that may stand there; what `parsed` has no option for is only checked for
// its name (http-addr under `longshore up`). `uri` is the registry's URI, "" = as it was. Errors (invalid_input): all
// unknown keys and bad values, each with file, line and the nearest name.
Status take_agent_block(const hcl::Document& document, const cli::OptionTable& known, cli::Parsed& parsed,
                        std::string& uri);

// The same with every file of `paths`, or with kDefaultFile without any. The URI becomes the positional where none is
// typed and CONSUL_HTTP_ADDR is not set. The answer: what the user should be told.
Result<std::vector<std::string>> read_config_files(const std::vector<std::string>& paths, const cli::OptionTable& known,
                                                   const cli::Environment& environment, cli::Parsed& parsed);

}  // namespace longshore::agent
