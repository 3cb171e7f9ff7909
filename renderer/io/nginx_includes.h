// Which files an nginx configuration includes: a backup that matches would become a second copy of a site.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace longshore::render {

// The arguments of the include directives of one configuration text, as they are written; comments and quoted strings
// of other directives do not count. Pure.
std::vector<std::string> include_arguments(std::string_view text);

// The absolute patterns of all includes that are reached from this file; relative ones count from its folder, as nginx
// counts them. Empty if it cannot be read; at most 1,000 files are looked at.
std::vector<std::string> include_patterns(const std::string& conf_path);

// nginx's rule (glob): * and ? stop at slashes and skip names that begin with a dot.
bool is_included(const std::vector<std::string>& patterns, const std::string& path);

}  // namespace longshore::render
