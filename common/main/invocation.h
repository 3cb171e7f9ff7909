// How the process was called, and what every verb does first: read its options or say why not.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "common/cli/command.h"
#include "common/cli/parser.h"
#include "common/status/log.h"

namespace longshore::app {

struct Invocation {
  std::vector<std::string> arguments;  // after program and verb
  cli::Environment environment;
  bool compatible = false;  // called as `registrator` or `consul-template`
};

struct UsageRules {
  cli::ParseRules parse;
  std::size_t most_positionals = 0;
  int usage_code = 2;           // exit code of a wrong call
  bool help_on_stderr = false;  // registrator
};

// The options; or, after help or an error was printed, the exit code.
std::variant<cli::Parsed, int> read_options(const cli::Command& command, const Invocation& invocation,
                                            const UsageRules& rules = {});

// "text" and a newline on stderr; returns `code`.
int complain(const std::string& text, int code);
void print(const std::string& text);

// A copy of environ.
cli::Environment read_environment();

}  // namespace longshore::app
