#include "common/tmpl/sprig/rune_classes.h"

#include <algorithm>
#include <span>

#include "common/tmpl/text_tools.h"
#include "common/tmpl/unicode_tables.h"

namespace longshore::tmpl::sprig {
namespace {

#include "common/tmpl/sprig/rune_classes_table.inc"

bool in_ranges(std::span<const unicode::Range> ranges, std::int32_t rune) {
  const auto found = std::ranges::lower_bound(ranges, rune, {}, &unicode::Range::last);
  return found != ranges.end() && found->first <= rune;
}

}  // namespace

bool is_title(std::int32_t rune) {
  return rune > 0x7F && to_title(rune) == rune && to_upper(rune) != rune && to_lower(rune) != rune;
}
bool is_upper(std::int32_t rune) {
  return to_lower(rune) != rune && !is_title(rune);
}
bool is_lower(std::int32_t rune) {
  return to_upper(rune) != rune && !is_title(rune);
}
bool is_punctuation(std::int32_t rune) {
  return in_ranges(kPunctuation, rune);
}
bool is_number(std::int32_t rune) {
  return in_ranges(kNumbers, rune);
}

}  // namespace longshore::tmpl::sprig
