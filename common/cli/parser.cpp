#include "common/cli/parser.h"

#include "common/base/text.h"

namespace longshore::cli {
namespace {

Error unknown_option(const OptionTable& table, std::string_view name) {
  std::string text = "flag provided but not defined: -" + std::string(name);
  std::vector<std::string> candidates = table.visible_names();
  candidates.emplace_back("help");
  if (const auto closest = base::suggest(name, candidates)) text += " (did you mean -" + *closest + "?)";
  return Error{Errc::invalid_input, std::move(text)};
}

class Walk {
 public:
  Walk(const OptionTable& table, const std::vector<std::string>& arguments, const ParseRules& rules)
      : table_(table), arguments_(arguments), rules_(rules), parsed_(table, rules.precedence) {}

  Result<Parsed> run() {
    while (at_ < arguments_.size() && !parsed_.help) {
      const std::string& argument = arguments_[at_];
      if (argument == "--") {
        ++at_;
        break;
      }
      if (argument.size() < 2 || argument[0] != '-') {
        if (!rules_.options_anywhere) break;
        parsed_.positionals.push_back(argument);
        ++at_;
        continue;
      }
      ++at_;
      LS_TRY_STATUS(option(argument));
    }
    if (!parsed_.help)
      for (; at_ < arguments_.size(); ++at_) parsed_.positionals.push_back(arguments_[at_]);
    return std::move(parsed_);
  }

 private:
  Status option(const std::string& argument) {
    std::string_view name = std::string_view(argument).substr(argument[1] == '-' ? 2 : 1);
    if (name.empty() || name[0] == '-' || name[0] == '=')
      return fail(Errc::invalid_input, "bad flag syntax: " + argument);
    std::optional<std::string_view> value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const Option* option = table_.find(name);
    if (option == nullptr) {
      if (name != "h" && name != "help") return fail(unknown_option(table_, name));
      parsed_.help = true;
      return {};
    }
    const std::string shown = "-" + std::string(name);
    if (option->kind == Kind::boolean && !value) return parsed_.set(Origin::option, name, "true", shown);
    if (!value) {
      if (at_ == arguments_.size()) return fail(Errc::invalid_input, "flag needs an argument: " + shown);
      value = arguments_[at_++];
    }
    // Go's sentences: a boolean's has no word "flag".
    return parsed_.set(Origin::option, name, *value, option->kind == Kind::boolean ? shown : "flag " + shown);
  }

  const OptionTable& table_;
  const std::vector<std::string>& arguments_;
  const ParseRules& rules_;
  Parsed parsed_;
  std::size_t at_ = 0;
};

Status read_environment(const Environment& environment, Parsed& parsed) {
  for (const Option& option : parsed.table().all()) {
    for (const std::string& variable : option.env) {
      const auto found = environment.find(variable);
      if (found == environment.end() || found->second.empty()) continue;
      std::vector<std::string> values = {found->second};
      const bool lines = option.env_separator == '\n';
      if (option.kind == Kind::list) values = base::split(found->second, option.env_separator);
      for (const std::string& value : values) {
        if (lines && base::trim(value).empty()) continue;
        LS_TRY_STATUS(parsed.set(Origin::environment, option.names.front(), base::trim(value),
                                 "environment variable " + variable));
      }
      break;
    }
  }
  return {};
}

}  // namespace

Result<Parsed> parse(const OptionTable& table, const std::vector<std::string>& arguments, const ParseRules& rules,
                     const Environment& environment) {
  LS_TRY(parsed, Walk(table, arguments, rules).run());
  if (!parsed.help) LS_TRY_STATUS(read_environment(environment, parsed));
  return std::move(parsed);
}

}  // namespace longshore::cli
