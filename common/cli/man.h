// A man page from a Command, in the man(7) macros. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/cli/command.h"

namespace longshore::cli {

// "longshore-agent(1)". `version` is in the footer.
std::string man_page(const Command& command, std::string_view version);
// "longshore(1)": the verbs and where each has its page.
std::string man_overview(const std::vector<Command>& commands, std::string_view version);

// Text for roff: backslashes, leading dots and quotes, and '-' as a minus that can be copied.
std::string roff(std::string_view text);

}  // namespace longshore::cli
