// Elements of Go's time layouts: "2006-01-02" is a year, a dash, a month, ...
#pragma once
#include <cstdint>
#include <string_view>

namespace longshore::tmpl::gotime {

enum class Element : std::uint8_t {
  none,
  long_month,
  month,
  num_month,
  zero_month,
  long_weekday,
  weekday,
  day,
  under_day,
  zero_day,
  under_year_day,
  zero_year_day,
  hour,
  hour12,
  zero_hour12,
  minute,
  zero_minute,
  second,
  zero_second,
  long_year,
  year,
  upper_pm,
  lower_pm,
  zone_name,
  zone,            // -07, -0700, -07:00, -070000, -07:00:00, or with Z: then "Z" stands for no offset
  fraction_zeros,  // .000
  fraction_nines,  // .999
};

struct LayoutPart {
  std::string_view literal;  // before the element
  Element element = Element::none;
  std::string_view mark;  // the element as it is written
  std::string_view rest;
};

// Up to and including the first element.
LayoutPart next_part(std::string_view layout);

inline constexpr std::string_view kMonthNames[] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
inline constexpr std::string_view kDayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                 "Thursday", "Friday", "Saturday"};

}  // namespace longshore::tmpl::gotime
