#include "common/cli/completion.h"

#include "common/base/text.h"

namespace longshore::cli {
namespace {

// In single quotes for any shell.
std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The first sentence is enough in a menu; zsh ends a description at ']' or ':'.
std::string short_help(const Option& option) {
  std::string text = option.help.substr(0, option.help.find(". "));
  while (text.ends_with('.')) text.pop_back();
  for (char& c : text)
    if (c == '[' || c == ']' || c == ':') c = ' ';
  return text;
}

bool takes_file(const Option& option) {
  const std::string& name = option.value_name;
  return name == "FILE" || name == "DIR" || name.starts_with("SOURCE");
}

std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words;
  for (const std::string& name : command.options.visible_names()) words.push_back("-" + name);
  words.emplace_back("-h");
  return words;
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
  std::vector<std::string> files;
  for (const Command& command : commands)
    for (const Option& option : command.options.all())
      if (takes_file(option))
        for (const std::string& name : option.names) files.push_back("-" + name);
  std::string out =
      "# bash completion for longshore\n"
      "_longshore() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W " +
      quote(base::join(names_of(commands), " ") + " help") +
      " -- \"$word\"))\n"
      "    return\n"
      "  fi\n";
  if (!files.empty())
    out += "  case $before in " + base::join(files, "|") + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;; esac\n";
  out += "  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands)
    out += "    " + command.name + ") COMPREPLY=($(compgen -W " + quote(base::join(words_of(command), " ")) +
           " -- \"$word\")) ;;\n";
  out += "    help) COMPREPLY=($(compgen -W " + quote(base::join(names_of(commands), " ")) + " -- \"$word\")) ;;\n";
  return out + "  esac\n}\ncomplete -o default -F _longshore longshore\n";
}

std::string zsh_completion(const std::vector<Command>& commands) {
  std::string out =
      "#compdef longshore\n"
      "local -a verbs\n"
      "verbs=(\n";
  for (const Command& command : commands) out += "  " + quote(command.name + ":" + command.summary) + "\n";
  out +=
      ")\n"
      "if ((CURRENT == 2)); then\n"
      "  _describe verb verbs\n"
      "  return\n"
      "fi\n"
      "case $words[2] in\n";
  for (const Command& command : commands) {
    out += "  " + command.name + ")\n    _arguments -S";
    for (const Option& option : command.options.all()) {
      if (option.hidden) continue;
      const std::string repeat = option.kind == Kind::list ? "*" : "";
      std::string value;
      if (option.kind != Kind::boolean) value = takes_file(option) ? ":value:_files" : ":value: ";
      for (const std::string& name : option.names)
        out += " \\\n      " + quote(repeat + "-" + name + "[" + short_help(option) + "]" + value);
    }
    out += "\n    ;;\n";
  }
  return out + "esac\n";
}

std::string fish_completion(const std::vector<Command>& commands) {
  std::string out = "# fish completion for longshore\ncomplete -c longshore -f\n";
  for (const Command& command : commands) {
    out += "complete -c longshore -n __fish_use_subcommand -a " + command.name + " -d " + quote(command.summary) + "\n";
    for (const Option& option : command.options.all()) {
      if (option.hidden) continue;
      for (const std::string& name : option.names)
        out += "complete -c longshore -n '__fish_seen_subcommand_from " + command.name + "' -o " + quote(name) +
               (option.kind == Kind::boolean ? ""
                : takes_file(option)         ? " -r -F"
                                             : " -x") +
               " -d " + quote(short_help(option)) + "\n";
    }
  }
  return out;
}

}  // namespace longshore::cli
