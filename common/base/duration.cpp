#include "common/base/duration.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace longshore::base {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1'000},        {"\u00b5s", 1'000},    {"\u03bcs", 1'000},
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000},
};

std::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Errc::invalid_input, "invalid duration \"" + std::string(text) + "\": " + std::string(why));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Duration(0);
  if (rest.empty()) return bad(text, "empty");
  long double total = 0;
  while (!rest.empty()) {
    long double number = 0;
    bool digits = false;
    while (!rest.empty() && is_digit(rest[0])) {
      number = number * 10 + (rest[0] - '0');
      digits = true;
      rest.remove_prefix(1);
    }
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      long double place = 0.1L;
      while (!rest.empty() && is_digit(rest[0])) {
        number += (rest[0] - '0') * place;
        place /= 10;
        digits = true;
        rest.remove_prefix(1);
      }
    }
    if (!digits) return bad(text, "expected a number");
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
    const std::string_view name = rest.substr(0, length);
    if (name.empty()) return bad(text, "missing unit (ns, us, ms, s, m or h)");
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits)
      if (candidate.name == name) unit = &candidate;
    if (unit == nullptr) return bad(text, "unknown unit \"" + std::string(name) + "\" (ns, us, ms, s, m or h)");
    total += number * static_cast<long double>(unit->nanoseconds);
    rest.remove_prefix(length);
  }
  if (total > static_cast<long double>(std::numeric_limits<std::int64_t>::max())) return bad(text, "too large");
  const auto value = static_cast<std::int64_t>(std::floor(total + 1e-6L));
  return Duration(negative ? -value : value);
}

std::string format_duration(Duration value) {
  const std::int64_t count = value.count();
  if (count == 0) return "0s";
  const std::string sign = count < 0 ? "-" : "";
  std::uint64_t left = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  const auto fraction = [](std::uint64_t whole, std::uint64_t part, int digits, std::string_view unit) {
    std::string out = std::to_string(whole);
    if (part != 0) {
      std::string tail = std::to_string(part);
      tail.insert(0, static_cast<std::size_t>(digits) - tail.size(), '0');
      while (tail.back() == '0') tail.pop_back();
      out += "." + tail;
    }
    return out + std::string(unit);
  };
  if (left < 1'000) return sign + std::to_string(left) + "ns";
  if (left < 1'000'000) return sign + fraction(left / 1'000, left % 1'000, 3, "\u00b5s");
  if (left < 1'000'000'000) return sign + fraction(left / 1'000'000, left % 1'000'000, 6, "ms");
  std::string out = sign;
  const std::uint64_t hours = left / 3'600'000'000'000ULL;
  left %= 3'600'000'000'000ULL;
  const std::uint64_t minutes = left / 60'000'000'000ULL;
  left %= 60'000'000'000ULL;
  if (hours != 0) out += std::to_string(hours) + "h";
  if (hours != 0 || minutes != 0) out += std::to_string(minutes) + "m";
  return out + fraction(left / 1'000'000'000ULL, left % 1'000'000'000ULL, 9, "s");
}

}  // namespace longshore::base
