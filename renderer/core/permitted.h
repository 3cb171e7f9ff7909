// function_denylist: the functions of one template.
#pragma once
#include <string>
#include <vector>

#include "common/tmpl/function_table.h"

namespace longshore::render {

// `all`, with those that the patterns name (with * for any characters, as in consul-template) failing when they are
// called. No patterns: `all` itself.
tmpl::Functions permitted(const tmpl::Functions& all, const std::vector<std::string>& denied);

}  // namespace longshore::render
