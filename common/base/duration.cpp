#include "common/base/duration.h"

#include <cstdint>

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

// Go's limit: one more than the largest positive value, because the smallest negative one is legal.
constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;

// The digits in front; false when they pass kLimit.
bool take_whole(std::string_view& rest, std::uint64_t& whole) {
  for (; !rest.empty() && is_digit(rest[0]); rest.remove_prefix(1)) {
    if (whole > kLimit / 10) return false;
    whole = whole * 10 + static_cast<std::uint64_t>(rest[0] - '0');
    if (whole > kLimit) return false;
  }
  return true;
}

// The digits after the point as a fraction; those beyond 64 bits are dropped, as in Go.
double take_fraction(std::string_view& rest, double unit) {
  std::uint64_t digits = 0;
  double scale = 1;
  bool full = false;
  for (; !rest.empty() && is_digit(rest[0]); rest.remove_prefix(1)) {
    const std::uint64_t next =
        digits > (kLimit - 1) / 10 ? kLimit + 1 : digits * 10 + static_cast<std::uint64_t>(rest[0] - '0');
    full = full || next > kLimit;
    if (full) continue;
    digits = next;
    scale *= 10;
  }
  return static_cast<double>(digits) * (unit / scale);
}

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits)
    if (unit.name == name) return &unit;
  return nullptr;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration(0);
  if (rest.empty()) return bad(text, "empty");
  std::uint64_t total = 0;
  while (!rest.empty()) {
    const std::size_t number_end = rest.find_first_not_of("0123456789.");
    const std::string_view number = rest.substr(0, number_end);
    std::string_view digits = number;
    std::uint64_t whole = 0;
    if (!take_whole(digits, whole)) return bad(text, "too large");
    std::string_view fraction;
    if (digits.starts_with('.')) fraction = digits.substr(1);
    if (number.find_first_of("0123456789") == std::string_view::npos || fraction.find('.') != std::string_view::npos)
      return bad(text, "expected a number");
    rest.remove_prefix(number.size());
    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789."));
    if (name.empty()) return bad(text, "missing unit (ns, us, ms, s, m or h)");
    const Unit* unit = find_unit(name);
    if (unit == nullptr) return bad(text, "unknown unit \"" + std::string(name) + "\" (ns, us, ms, s, m or h)");
    const auto factor = static_cast<std::uint64_t>(unit->nanoseconds);
    if (whole > kLimit / factor) return bad(text, "too large");
    const std::uint64_t part =
        whole * factor + static_cast<std::uint64_t>(take_fraction(fraction, static_cast<double>(factor)));
    if (part > kLimit - total) return bad(text, "too large");
    total += part;
    rest.remove_prefix(name.size());
  }
  if (negative) return Duration(static_cast<std::int64_t>(0 - total));
  if (total == kLimit) return bad(text, "too large");
  return Duration(static_cast<std::int64_t>(total));
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
