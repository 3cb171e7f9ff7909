#include "common/docker/timestamp.h"

#include <chrono>

#include "common/base/text.h"

namespace longshore::docker {
namespace {

// Takes exactly `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  const auto number = base::parse_uint(text.substr(0, digits));
  if (!number) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<int>(*number);
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456789", as many digits as there are; none is zero.
std::int64_t take_fraction(std::string_view& text) {
  std::int64_t nanoseconds = 0;
  if (!take(text, '.')) return 0;
  std::int64_t unit = 100'000'000;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10)
    nanoseconds += unit * (text.front() - '0');
  return nanoseconds;
}

// Seconds east of Greenwich of "Z", "+02:00".
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const int sign = take(text, '-') ? -1 : 1;
  if (sign > 0 && !take(text, '+')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<std::int64_t> nanoseconds_of(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = take_number(text, 4);
  if (!year_number || !take(text, '-')) return std::nullopt;
  const auto month_number = take_number(text, 2);
  if (!month_number || !take(text, '-')) return std::nullopt;
  const auto day_number = take_number(text, 2);
  if (!day_number || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second) return std::nullopt;
  const std::int64_t fraction = take_fraction(text);
  const auto offset = take_offset(text);
  const year_month_day date(year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number)));
  if (!offset || !text.empty() || !date.ok() || *year_number < 1970 || *year_number > 2261) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
  return seconds * 1'000'000'000 + fraction;
}

}  // namespace longshore::docker
