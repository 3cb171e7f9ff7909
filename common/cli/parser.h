// Go's `flag` grammar: -x v, --x v, -x=v, booleans only with '='. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/cli/parsed.h"

namespace longshore::cli {

// A copy of the environment; a variable that is set to nothing counts as not set.
using Environment = std::map<std::string, std::string, std::less<>>;

struct ParseRules {
  // true: options may follow positionals. false: parsing stops at the first one (Go).
  bool options_anywhere = false;
  Precedence precedence = Precedence::own;
};

// `arguments` without program and verb. "--" ends the options; "-" alone is a positional. Errors are invalid_input
// with Go's sentence, followed by a suggestion where there is one:
//   flag provided but not defined: -foo (did you mean -food?)
//   flag needs an argument: -x
//   invalid value "x" for flag -n: parse error
//   invalid value "5" for flag -d: parse error (a unit is missing, did you mean 5s?)
//   invalid boolean value "x" for flag -b: parse error
//   bad flag syntax: ---x
// Variables of the environment that options name are read too; a list is split at commas, or where the option says.
Result<Parsed> parse(const OptionTable& table, const std::vector<std::string>& arguments, const ParseRules& rules = {},
                     const Environment& environment = {});

}  // namespace longshore::cli
