// Hidden verbs for packaging: man pages and completions, so that they cannot differ from the options.
#include "common/base/text.h"
#include "common/cli/completion.h"
#include "common/cli/man.h"
#include "common/main/verbs.h"
#include "common/status/build_info.h"

namespace longshore::app {
namespace {

std::vector<cli::Command> shown_commands() {
  std::vector<cli::Command> commands;
  for (const Verb& verb : verbs())
    if (!verb.hidden) commands.push_back(verb.command());
  return commands;
}

}  // namespace

cli::Command man_command() {
  cli::Command command;
  command.name = "man";
  command.summary = "Print the man page of a verb, or the overview.";
  command.usage = {"longshore man [VERB]"};
  return command;
}

int run_man(const Invocation& invocation) {
  UsageRules rules;
  rules.most_positionals = 1;
  const auto options = read_options(man_command(), invocation, rules);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const std::vector<std::string>& topics = std::get<cli::Parsed>(options).positionals;
  const std::string_view version = status::build_info().version;
  if (topics.empty()) {
    print(cli::man_overview(shown_commands(), version));
    return 0;
  }
  const Verb* verb = find_verb(topics.front());
  if (verb == nullptr) return complain("no such verb: " + base::log_value(topics.front()), 2);
  print(cli::man_page(verb->command(), version));
  return 0;
}

cli::Command completion_command() {
  cli::Command command;
  command.name = "completion";
  command.summary = "Print a completion script for bash, zsh or fish.";
  command.usage = {"longshore completion SHELL"};
  return command;
}

int run_completion(const Invocation& invocation) {
  UsageRules rules;
  rules.most_positionals = 1;
  const auto options = read_options(completion_command(), invocation, rules);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const std::vector<std::string>& given = std::get<cli::Parsed>(options).positionals;
  const std::string shell = given.empty() ? std::string() : given.front();
  if (shell == "bash")
    print(cli::bash_completion(shown_commands()));
  else if (shell == "zsh")
    print(cli::zsh_completion(shown_commands()));
  else if (shell == "fish")
    print(cli::fish_completion(shown_commands()));
  else
    return complain("which shell: bash, zsh or fish?", 2);
  return 0;
}

}  // namespace longshore::app
