// Go's strings package, as far as helpers, sprig and tag templates use it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/eval.h"

namespace longshore::tmpl::strings {

// strings.SplitN; limit < 0: all. An empty separator cuts into characters.
std::vector<std::string_view> split(std::string_view text, std::string_view separator, std::int64_t limit = -1);
std::string_view trim_space(std::string_view text);
// strings.Replace of the first `limit` occurrences; < 0: all. An empty `from` is before every character and at the end.
// An error when the result grows over the call's bound.
Result<std::string> replace(Call& call, std::string_view text, std::string_view from, std::string_view to,
                            std::int64_t limit = -1);
// strings.Repeat. Error texts are those of Go's panics.
Result<std::string> repeat(Call& call, std::string_view text, std::int64_t count);

}  // namespace longshore::tmpl::strings
