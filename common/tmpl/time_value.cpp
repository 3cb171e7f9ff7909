#include "common/tmpl/time_value.h"

#include <chrono>
#include <ctime>

namespace longshore::tmpl::gotime {

Value time_value(Time time) {
  return Value::view(time_type(), std::make_shared<const Time>(std::move(time)));
}
Value time_pointer(Time time) {
  return Value::view(time_pointer_type(), std::make_shared<const Time>(std::move(time)));
}

const Time* as_time(const Value& value) {
  if (value.kind() != Kind::record || (&value.type() != &time_type() && &value.type() != &time_pointer_type()))
    return nullptr;
  return static_cast<const Time*>(value.object());
}

Zone local_zone(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (localtime_r(&when, &parts) == nullptr || parts.tm_zone == nullptr) return {};
  return {static_cast<std::int32_t>(parts.tm_gmtoff), parts.tm_zone};
}

Time in_local_zone(std::int64_t seconds, std::int32_t nanos) {
  Zone zone = local_zone(seconds);
  return {seconds, nanos, zone.offset, std::move(zone.name), true};
}

std::int64_t local_seconds(std::int64_t wall_seconds) {
  const std::int32_t guess = local_zone(wall_seconds).offset;
  return wall_seconds - local_zone(wall_seconds - guess).offset;
}

Time in_utc(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds);
  return {seconds.time_since_epoch().count(), static_cast<std::int32_t>(nanos.count()), 0, "UTC"};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte >= 0x80) {
      ((out += "\\x") += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::int64_t days_from(std::int64_t year, unsigned month, unsigned day) {
  // Years that start in March: the leap day is then the last one. 400 years have 146097 days.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t in_era = y - era * 400;
  const std::int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

Date date_of(const Time& time) {
  const std::int64_t total = time.seconds + time.offset;
  std::int64_t days = total / 86400;
  std::int64_t rest = total % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t in_era = shifted - era * 146097;
  const std::int64_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const std::int64_t in_year = in_era - (365 * years + years / 4 - years / 100);
  const std::int64_t index = (5 * in_year + 2) / 153;
  Date out{};
  out.month = static_cast<unsigned>(index < 10 ? index + 3 : index - 9);
  out.day = static_cast<unsigned>(in_year - (153 * index + 2) / 5 + 1);
  out.year = years + era * 400 + (out.month <= 2 ? 1 : 0);
  out.weekday = static_cast<unsigned>(((days % 7) + 11) % 7);  // 1 January 1970 was a Thursday
  out.year_day = static_cast<unsigned>(days - days_from(out.year, 1, 1)) + 1;
  out.hour = static_cast<unsigned>(rest / 3600);
  out.minute = static_cast<unsigned>(rest / 60 % 60);
  out.second = static_cast<unsigned>(rest % 60);
  return out;
}

}  // namespace longshore::tmpl::gotime
