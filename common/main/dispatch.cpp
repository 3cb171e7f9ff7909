#include "common/main/dispatch.h"

#include <algorithm>

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

}  // namespace

Call read_call(const std::vector<std::string>& argv, cli::Environment environment) {
  Call call;
  call.invocation.environment = std::move(environment);
  const std::string program = argv.empty() ? std::string() : argv[0].substr(argv[0].rfind('/') + 1);
  // Called through a compatibility link: the whole command line is the peer's.
  call.invocation.compatible = program == "consul-template" || program == "registrator";
  if (call.invocation.compatible)
    call.verb = find_verb(program == "registrator" ? "agent" : "render");
  else if (argv.size() > 1)
    call.verb = find_verb(argv[1]);
  const auto skipped =
      static_cast<std::ptrdiff_t>(std::min<std::size_t>(argv.size(), call.invocation.compatible ? 1 : 2));
  call.invocation.arguments.assign(argv.begin() + skipped, argv.end());
  return call;
}

int dispatch(const std::vector<std::string>& argv, cli::Environment environment) {
  const Call call = read_call(argv, std::move(environment));
  if (call.invocation.compatible) {
    // Registrator knows no other spelling of this one.
    if (call.verb->run == run_agent && argv.size() == 2 && argv[1] == "--version") return run_version({});
    return call.verb->run(call.invocation);
  }
  if (argv.size() < 2) return complain(overview(), kUsage);
  const std::string& word = argv[1];
  if (word == "help" || word == "-h" || word == "-help" || word == "--help") return help(call.invocation.arguments);
  if (word == "-v" || word == "-version" || word == "--version") return run_version({});
  return call.verb == nullptr ? unknown_verb(word) : call.verb->run(call.invocation);
}

}  // namespace longshore::app
