#include "common/main/dispatch.h"

#include "common/base/text.h"
#include "common/cli/help.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

constexpr int kUsage = 2;

std::string overview() {
  std::size_t widest = 0;
  for (const Verb& verb : verbs())
    if (!verb.hidden) widest = std::max(widest, verb.name.size());
  std::string out = "Usage: longshore VERB [options]\n\n";
  for (const Verb& verb : verbs()) {
    if (verb.hidden) continue;
    out += "  " + std::string(verb.name) + std::string(widest - verb.name.size() + 2, ' ');
    out += verb.command().summary + "\n";
  }
  return out + "\n`longshore VERB -h` or `longshore help VERB` shows the options of a verb.\n";
}

int unknown_verb(const std::string& name) {
  std::vector<std::string> names = {"help"};
  for (const Verb& verb : verbs())
    if (!verb.hidden) names.emplace_back(verb.name);
  std::string text = "longshore: unknown verb " + base::log_value(name);
  if (const auto closest = base::suggest(name, names)) text += " (did you mean " + *closest + "?)";
  return complain(text + "\nTry `longshore -h`.", kUsage);
}

int help(const std::vector<std::string>& topics) {
  if (topics.empty()) {
    print(overview());
    return 0;
  }
  const Verb* verb = find_verb(topics.front());
  if (verb == nullptr) return unknown_verb(topics.front());
  print(cli::help_text(verb->command()));
  return 0;
}

// Called through a compatibility link: the whole command line is the peer's.
int run_compatible(Verb::Run run, const std::vector<std::string>& argv, Invocation invocation) {
  invocation.arguments.assign(argv.begin() + 1, argv.end());
  invocation.compatible = true;
  return run(invocation);
}

}  // namespace

int dispatch(const std::vector<std::string>& argv, cli::Environment environment) {
  Invocation invocation;
  invocation.environment = std::move(environment);
  const std::string program = argv.empty() ? std::string() : argv[0].substr(argv[0].rfind('/') + 1);
  if (program == "consul-template") return run_compatible(run_render, argv, std::move(invocation));
  if (program == "registrator") {
    // Registrator knows no other spelling of this one.
    if (argv.size() == 2 && argv[1] == "--version") return run_version({});
    return run_compatible(run_agent, argv, std::move(invocation));
  }
  if (argv.size() < 2) return complain(overview(), kUsage);
  const std::string& word = argv[1];
  invocation.arguments.assign(argv.begin() + 2, argv.end());
  if (word == "help" || word == "-h" || word == "-help" || word == "--help") return help(invocation.arguments);
  if (word == "-v" || word == "-version" || word == "--version") return run_version({});
  const Verb* verb = find_verb(word);
  return verb == nullptr ? unknown_verb(word) : verb->run(invocation);
}

}  // namespace longshore::app
