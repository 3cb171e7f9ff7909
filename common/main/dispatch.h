// From argv to a verb: by the name of the program (compatibility links), then by the first argument.
#pragma once
#include <string>
#include <vector>

#include "common/cli/parser.h"

namespace longshore::app {

// The process's exit code.
int dispatch(const std::vector<std::string>& argv, cli::Environment environment);

}  // namespace longshore::app
