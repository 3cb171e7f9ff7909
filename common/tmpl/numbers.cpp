#include "common/tmpl/numbers.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace longshore::tmpl {
namespace {

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return static_cast<char>(c | 0x20);
}

// Underscores stand between digits, or between a base prefix and a digit.
bool underscores_ok(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  char before = '^';
  bool hexadecimal = false;
  if (text.size() >= 2 && text[0] == '0' && std::strchr("box", lower(text[1])) != nullptr) {
    before = '0';
    hexadecimal = lower(text[1]) == 'x';
    text.remove_prefix(2);
  }
  for (const char c : text) {
    if (is_decimal(c) || (hexadecimal && lower(c) >= 'a' && lower(c) <= 'f')) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

std::string without_underscores(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != '_') out += c;
  return out;
}

std::expected<double, NumberError> decimal_float(const std::string& text) {
  double value = 0;
  const char* first = text.data();
  const char* last = first + text.size();
  if (first != last && *first == '+') ++first;
  if (first == last || *first == '+' || (text[0] == '+' && *first == '-')) return std::unexpected(NumberError::syntax);
  const auto [end, error] = std::from_chars(first, last, value, std::chars_format::general);
  if (error == std::errc::result_out_of_range && end == last) {
    // from_chars does not say in which direction.
    value = std::strtod(first, nullptr);
    if (std::isinf(value)) return std::unexpected(NumberError::range);
    return value;
  }
  if (error != std::errc{} || end != last) return std::unexpected(NumberError::syntax);
  return value;
}

std::expected<double, NumberError> hexadecimal_float(const std::string& text, std::size_t sign) {
  double value = 0;
  // Go requires the exponent.
  if (text.find_first_of("pP") == std::string::npos) return std::unexpected(NumberError::syntax);
  const char* first = text.data() + sign + 2;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, value, std::chars_format::hex);
  if (end != last || error == std::errc::invalid_argument) return std::unexpected(NumberError::syntax);
  if (error == std::errc::result_out_of_range) {
    value = std::strtod(text.data() + sign, nullptr);
    if (std::isinf(value)) return std::unexpected(NumberError::range);
  }
  return text[0] == '-' ? -value : value;
}

}  // namespace

std::expected<std::uint64_t, NumberError> parse_uint(std::string_view text, int base) {
  if (text.empty()) return std::unexpected(NumberError::syntax);
  const bool by_prefix = base == 0;
  std::string_view digits = text;
  if (by_prefix) {
    base = 10;
    if (text[0] == '0') {
      const char mark = text.size() >= 3 ? lower(text[1]) : ' ';
      base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
      digits.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
  }
  std::uint64_t value = 0;
  bool overflow = false;
  bool underscores = false;
  for (const char c : digits) {
    int digit = 36;
    if (c == '_' && by_prefix) {
      underscores = true;
      continue;
    }
    if (is_decimal(c)) digit = c - '0';
    if (lower(c) >= 'a' && lower(c) <= 'z') digit = lower(c) - 'a' + 10;
    if (digit >= base) return std::unexpected(NumberError::syntax);
    std::uint64_t next = 0;
    overflow |= __builtin_mul_overflow(value, static_cast<std::uint64_t>(base), &next);
    overflow |= __builtin_add_overflow(next, static_cast<std::uint64_t>(digit), &value);
    if (overflow) return std::unexpected(NumberError::range);
  }
  if (underscores && !underscores_ok(text)) return std::unexpected(NumberError::syntax);
  return value;
}

std::expected<std::int64_t, NumberError> parse_int(std::string_view text, int base) {
  if (text.empty()) return std::unexpected(NumberError::syntax);
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const auto magnitude = parse_uint(text, base);
  if (!magnitude) return std::unexpected(magnitude.error());
  const std::uint64_t limit = std::uint64_t{1} << 63;
  if (negative ? *magnitude > limit : *magnitude >= limit) return std::unexpected(NumberError::range);
  return static_cast<std::int64_t>(negative ? 0 - *magnitude : *magnitude);
}

std::expected<double, NumberError> parse_float(std::string_view text) {
  if (text.empty()) return std::unexpected(NumberError::syntax);
  const std::size_t sign = text[0] == '+' || text[0] == '-' ? 1 : 0;
  std::string word;
  for (const char c : text.substr(sign)) word += lower(c);
  if (word == "inf" || word == "infinity")
    return text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  if (word == "nan" && sign == 0) return std::numeric_limits<double>::quiet_NaN();
  if (word.empty() || (!is_decimal(word[0]) && text[sign] != '.')) return std::unexpected(NumberError::syntax);
  const bool hexadecimal = text.size() > sign + 2 && text[sign] == '0' && lower(text[sign + 1]) == 'x';
  std::string plain(text);
  if (text.find('_') != std::string_view::npos) {
    // Only source text with a base prefix may have them in strconv; constants in templates go through the same door.
    if (!underscores_ok(text)) return std::unexpected(NumberError::syntax);
    plain = without_underscores(text);
  }
  return hexadecimal ? hexadecimal_float(plain, sign) : decimal_float(plain);
}

}  // namespace longshore::tmpl
