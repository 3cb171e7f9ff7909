// Go's time.Time as a value of templates, with the methods that templates use.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::gotime {

struct Time {
  std::int64_t seconds = -62135596800;  // since 1970; the default is Go's zero time, 1 January of year 1
  std::int32_t nanos = 0;
  std::int32_t offset = 0;   // east of UTC, in seconds
  std::string zone = "UTC";  // "" = a zone that has only an offset
  bool local = false;        // in the zone of this machine, whose offset depends on the moment
  bool operator==(const Time&) const = default;
};

Value time_value(Time time);
Value time_pointer(Time time);  // not nil
// Of a time or a pointer to one. nullptr for any other value and for nil.
const Time* as_time(const Value& value);
const Type& time_type();          // time.Time
const Type& time_pointer_type();  // *time.Time

struct Zone {
  std::int32_t offset = 0;
  std::string name = "UTC";
};
// The zone of this machine (TZ, /etc/localtime) at that moment: what Go calls Local.
Zone local_zone(std::int64_t seconds);
// The moment at which the clocks of this machine's zone show this time, given as if it were UTC.
std::int64_t local_seconds(std::int64_t wall_seconds);
Time in_local_zone(std::int64_t seconds, std::int32_t nanos = 0);
Time in_utc(std::chrono::system_clock::time_point time);

struct Date {
  std::int64_t year;
  unsigned month, day, weekday;  // month from 1, weekday from Sunday = 0
  unsigned year_day;             // from 1
  unsigned hour, minute, second;
};
Date date_of(const Time& time);
// Days since 1970 of a day that exists, by the Gregorian calendar.
std::int64_t days_from(std::int64_t year, unsigned month, unsigned day);

inline constexpr std::string_view kRfc3339 = "2006-01-02T15:04:05Z07:00";
// As Go's package time quotes texts in its errors: bytes beyond ASCII and control bytes are escaped, others are not.
std::string quoted(std::string_view text);
// time.Format and time.ParseInLocation(.., time.Local); errors are Go's texts.
std::string format(const Time& time, std::string_view layout);
Result<Time> parse(std::string_view layout, std::string_view text);

}  // namespace longshore::tmpl::gotime
