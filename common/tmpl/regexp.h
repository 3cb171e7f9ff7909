// Go's regexp package on RE2, which has the same syntax and the same matches.
#pragma once
#include <re2/re2.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/eval.h"

namespace longshore::tmpl::regexp {

// Compiled once per evaluation. Errors are Go's texts: "error parsing regexp: missing closing ): `(`".
Result<const RE2*> compile(Call& call, std::string_view pattern);
// regexp.MustCompile: its longer text.
Result<const RE2*> must_compile(Call& call, std::string_view pattern);

Result<bool> matches(Call& call, const RE2& pattern, std::string_view text);

// One match: where the whole and each group are; a group that took no part has no data.
using Match = std::vector<re2::StringPiece>;

// Non-overlapping matches from the left as Go finds them, at most `limit` (< 0: all). `groups`: how many are wanted.
Result<std::vector<Match>> find_all(Call& call, const RE2& pattern, std::string_view text, std::int64_t limit,
                                    int groups = 1);
// With $1, ${name} and $$ of the replacement expanded.
Result<std::string> replace_all(Call& call, const RE2& pattern, std::string_view text, std::string_view replacement);
// The replacement as it is.
Result<std::string> replace_all_literal(Call& call, const RE2& pattern, std::string_view text,
                                        std::string_view replacement);

}  // namespace longshore::tmpl::regexp
