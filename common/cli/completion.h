// Completion scripts from the Commands: verbs, options of each verb, files where an option takes one. Pure.
#pragma once
#include <string>
#include <vector>

#include "common/cli/command.h"

namespace longshore::cli {

std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

}  // namespace longshore::cli
