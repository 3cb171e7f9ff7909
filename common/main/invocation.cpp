#include "common/main/invocation.h"

#include <unistd.h>

#include <cstdio>

#include "common/cli/help.h"

namespace longshore::app {

int complain(const std::string& text, int code) {
  std::fputs((text + "\n").c_str(), stderr);
  return code;
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

cli::Environment read_environment() {
  cli::Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::variant<cli::Parsed, int> read_options(const cli::Command& command, const Invocation& invocation,
                                            const UsageRules& rules) {
  const std::string hint = "\nTry `" + command.usage.front().substr(0, command.usage.front().find(" [")) + " -h`.";
  Result<cli::Parsed> parsed = cli::parse(command.options, invocation.arguments, rules.parse, invocation.environment);
  if (!parsed) return complain(parsed.error().text + hint, rules.usage_code);
  if (parsed->help) {
    const std::string help = cli::help_text(command);
    if (rules.help_on_stderr)
      std::fputs(help.c_str(), stderr);
    else
      print(help);
    return 0;
  }
  if (parsed->positionals.size() > rules.most_positionals)
    return complain("extra argument: " + parsed->positionals[rules.most_positionals] + hint, rules.usage_code);
  return std::move(*parsed);
}

}  // namespace longshore::app
