// From argv to a verb: by the name of the program (compatibility links), then by the first argument.
#pragma once
#include <string>
#include <vector>

#include "common/cli/parser.h"
#include "common/main/verbs.h"

namespace longshore::app {

// What a command line asks for. No verb: help, the version, or a mistake.
struct Call {
  const Verb* verb = nullptr;
  Invocation invocation;
};
Call read_call(const std::vector<std::string>& argv, cli::Environment environment);

// The process's exit code.
int dispatch(const std::vector<std::string>& argv, cli::Environment environment);

}  // namespace longshore::app
