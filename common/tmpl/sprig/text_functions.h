// Go's strings package, as far as sprig uses it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/eval.h"

namespace longshore::tmpl::sprig {

// strings.SplitN; limit < 0: all. An empty separator cuts into characters.
std::vector<std::string_view> split(std::string_view text, std::string_view separator, std::int64_t limit = -1);
std::string_view trim_space(std::string_view text);
// strings.Replace of every occurrence. An error when the result grows over the call's bound.
Result<std::string> replace_all(Call& call, std::string_view text, std::string_view from, std::string_view to);
// strings.Repeat. Error texts are those of Go's panics.
Result<std::string> repeat(Call& call, std::string_view text, std::int64_t count);

}  // namespace longshore::tmpl::sprig
