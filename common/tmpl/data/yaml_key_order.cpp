#include "common/tmpl/data/yaml_key_order.h"

#include <optional>

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::yaml {
namespace {

std::optional<double> number_of(const Value& value) {
  if (value.is_signed()) return static_cast<double>(value.as_int());
  if (value.is_unsigned()) return static_cast<double>(value.as_uint());
  if (value.is_float()) return value.as_float();
  if (value.kind() == Kind::boolean) return value.as_bool() ? 1 : 0;
  return std::nullopt;
}

// The order of Go's reflect.Kind, in which an interface (nil) comes before a string.
int rank(const Value& value) {
  if (value.is_string()) return 1000;
  if (!value.valid() || value.is_nil_interface()) return 900;
  return static_cast<int>(value.kind());
}

bool exactly_less(const Value& left, const Value& right) {
  if (left.is_signed()) return left.as_int() < right.as_int();
  if (left.is_unsigned()) return left.as_uint() < right.as_uint();
  return false;  // floats and bools were equal as numbers
}

std::vector<std::int32_t> runes_of(std::string_view text) {
  std::vector<std::int32_t> out;
  for (; !text.empty(); text.remove_prefix(decode_rune(text).width)) out.push_back(decode_rune(text).value);
  return out;
}

using Runes = std::vector<std::int32_t>;

// A number made of the digits from there on; wraps as Go's does.
std::uint64_t number_at(const Runes& runes, std::size_t& at, std::uint64_t start) {
  std::uint64_t out = start;
  for (; at < runes.size() && is_digit(runes[at]); ++at) out = out * 10 + static_cast<std::uint64_t>(runes[at] - '0');
  return out;
}

// The texts differ first at that place.
bool text_before(const Runes& left, const Runes& right, std::size_t at) {
  const bool left_letter = is_letter(left[at]);
  const bool right_letter = is_letter(right[at]);
  if (left_letter && right_letter) return left[at] < right[at];
  if (left_letter || right_letter) return right_letter;
  std::uint64_t start = 0;
  if (left[at] == '0' || right[at] == '0')
    for (std::size_t back = at; back > 0 && is_digit(left[back - 1]) && start == 0; --back)
      if (left[back - 1] != '0') start = 1;
  std::size_t left_end = at;
  std::size_t right_end = at;
  const auto a = static_cast<std::int64_t>(number_at(left, left_end, start));
  const auto b = static_cast<std::int64_t>(number_at(right, right_end, start));
  if (a != b) return a < b;
  if (left_end != right_end) return left_end < right_end;
  return left[at] < right[at];
}

}  // namespace

bool key_before(const Value& left, const Value& right) {
  const auto a = number_of(left);
  const auto b = number_of(right);
  if (a && b) {
    if (*a != *b) return *a < *b;
    if (left.kind() != right.kind()) return left.kind() < right.kind();
    return exactly_less(left, right);
  }
  if (!left.is_string() || !right.is_string()) return rank(left) < rank(right);
  const Runes first = runes_of(left.as_string());
  const Runes second = runes_of(right.as_string());
  for (std::size_t at = 0; at < first.size() && at < second.size(); ++at)
    if (first[at] != second[at]) return text_before(first, second, at);
  return first.size() < second.size();
}

}  // namespace longshore::tmpl::yaml
