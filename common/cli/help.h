// Help text from a Command. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/cli/command.h"

namespace longshore::cli {

// Lines of at most `width` columns (a longer word stays whole); options by group in order of first appearance.
std::string help_text(const Command& command, std::size_t width = 90);

// The parts of it that other forms share: headings in order of first appearance, "-x, -xx VALUE", and the text with
// default and variables.
std::vector<std::string> option_groups(const OptionTable& options);
std::string option_term(const Option& option);
std::string option_description(const Option& option);

// "text" in lines of at most width - indent columns, each led by `indent` spaces; no newline at the end.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace longshore::cli
