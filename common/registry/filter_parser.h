// The syntax of filters, before selectors mean anything.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace longshore::registry {

struct FilterMatch {
  enum class Op { equal, not_equal, in, not_in, matches, not_matches, is_empty, is_not_empty };
  std::vector<std::string> selector;
  Op op = Op::equal;
  std::string value;
};

// Terms side by side are children of one node, so depth is what parentheses and `not` make, and bounded.
struct FilterTree {
  enum class Kind { match, both, either, negation };
  Kind kind = Kind::match;
  FilterMatch match;
  std::vector<FilterTree> children;  // a negation has one, both and either at least two
};

// Nested at most 64 deep. Errors: rejected, "line:column (offset): …".
Result<FilterTree> parse_filter(std::string_view text);

// "Service.Meta.k"
std::string selector_text(const std::vector<std::string>& selector);

}  // namespace longshore::registry
