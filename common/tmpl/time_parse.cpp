// Go's time.ParseInLocation.
#include <optional>

#include "common/tmpl/time_layout.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::gotime {
namespace {

bool is_digit_at(std::string_view text, std::size_t index) {
  return index < text.size() && text[index] >= '0' && text[index] <= '9';
}
bool is_point(char c) {
  return c == '.' || c == ',';
}
bool leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
unsigned days_in(std::int64_t year, unsigned month) {
  if (month == 2) return leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

class TimeParser {
 public:
  TimeParser(std::string_view layout, std::string_view text) : layout_(layout), text_(text), rest_(text) {}
  Result<Time> run();

 private:
  bool element(const LayoutPart& part);
  bool number(std::int64_t& out, bool two_digits);
  bool fixed_number(std::int64_t& out, std::size_t digits);
  bool name(std::int64_t& out, std::span<const std::string_view> names, bool is_short);
  bool in_range(std::int64_t value, std::int64_t low, std::int64_t high, const char* what);
  bool fraction(std::size_t length);
  bool zone(std::string_view mark);
  bool zone_name();
  std::unexpected<Error> failed(std::string_view text) const;
  Result<Time> combine();
  Time placed(std::int64_t unix_time) const;

  std::string_view layout_, text_, rest_;
  std::int64_t year_ = 0, month_ = -1, day_ = -1, year_day_ = -1;
  std::int64_t hour_ = 0, minute_ = 0, second_ = 0, nanos_ = 0;
  bool pm_ = false, am_ = false, utc_ = false;
  std::optional<std::int32_t> offset_;
  std::string zone_;
  std::string range_;  // what is out of range
};

std::unexpected<Error> TimeParser::failed(std::string_view text) const {
  return base::fail(Errc::template_error, "parsing time " + quoted(text_) + std::string(text));
}

bool TimeParser::number(std::int64_t& out, bool two_digits) {
  if (!is_digit_at(rest_, 0) || (two_digits && !is_digit_at(rest_, 1))) return false;
  return fixed_number(out, is_digit_at(rest_, 1) ? 2 : 1);
}

bool TimeParser::fixed_number(std::int64_t& out, std::size_t digits) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit_at(rest_, i)) return false;
    value = value * 10 + (rest_[i] - '0');
  }
  out = value;
  rest_.remove_prefix(digits);
  return true;
}

bool TimeParser::name(std::int64_t& out, std::span<const std::string_view> names, bool is_short) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view wanted = is_short ? names[i].substr(0, 3) : names[i];
    const std::string_view got = rest_.substr(0, wanted.size());
    bool same = got.size() == wanted.size();
    for (std::size_t k = 0; same && k < got.size(); ++k) same = (got[k] | 0x20) == (wanted[k] | 0x20);
    if (!same) continue;
    out = static_cast<std::int64_t>(i);
    rest_.remove_prefix(wanted.size());
    return true;
  }
  return false;
}

bool TimeParser::in_range(std::int64_t value, std::int64_t low, std::int64_t high, const char* what) {
  if (value < low || value > high) range_ = what;
  return true;
}

// A point or comma and length - 1 digits.
bool TimeParser::fraction(std::size_t length) {
  if (rest_.size() < length || !is_point(rest_[0])) return false;
  std::int64_t value = 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_digit_at(rest_, i)) return false;
    if (i <= 9) value = value * 10 + (rest_[i] - '0');
  }
  for (std::size_t i = length; i <= 9; ++i) value *= 10;
  nanos_ = value;
  rest_.remove_prefix(length);
  return true;
}

bool TimeParser::zone(std::string_view mark) {
  if (mark.front() == 'Z' && rest_.starts_with('Z')) {
    rest_.remove_prefix(1);
    utc_ = true;
    return true;
  }
  const std::string_view given = rest_.substr(0, mark.size());
  if (given.size() < mark.size() || (given[0] != '+' && given[0] != '-')) return false;
  std::int32_t parts[3] = {};
  std::size_t digits = 0;
  for (std::size_t i = 1; i < mark.size(); ++i) {
    if (mark[i] == ':') {
      if (given[i] != ':') return false;
      continue;
    }
    if (!is_digit_at(given, i)) return false;
    parts[digits / 2] = parts[digits / 2] * 10 + (given[i] - '0');
    ++digits;
  }
  if (parts[0] > 24) range_ = "time zone offset hour";
  if (parts[1] > 60) range_ = "time zone offset minute";
  if (parts[2] > 60) range_ = "time zone offset second";
  const std::int32_t offset = parts[0] * 3600 + parts[1] * 60 + parts[2];
  offset_ = given[0] == '-' ? -offset : offset;
  rest_.remove_prefix(mark.size());
  return true;
}

// An abbreviation: three to five capitals, or GMT with hours, or hours alone.
bool TimeParser::zone_name() {
  if (rest_.starts_with("UTC")) {
    utc_ = true;
    rest_.remove_prefix(3);
    return true;
  }
  std::size_t size = 0;
  if (rest_.starts_with("ChST") || rest_.starts_with("MeST")) {
    size = 4;
  } else if (rest_.starts_with('+') || rest_.starts_with('-')) {
    size = is_digit_at(rest_, 1) && is_digit_at(rest_, 2) ? 3 : 0;
  } else {
    while (size < rest_.size() && size < 6 && rest_[size] >= 'A' && rest_[size] <= 'Z') ++size;
    if (size < 3 || size > 5) return false;
    if (size == 5 && rest_[4] != 'T') return false;
    if (size == 4 && rest_[3] != 'T' && rest_.substr(0, 4) != "WITA") return false;
  }
  if (size == 0) return false;
  zone_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool TimeParser::element(const LayoutPart& part) {
  std::int64_t ignored = 0;
  switch (part.element) {
    case Element::none:
      return true;
    case Element::year:
      if (!fixed_number(year_, 2)) return false;
      year_ += year_ >= 69 ? 1900 : 2000;
      return true;
    case Element::long_year:
      return fixed_number(year_, 4);
    case Element::month:
    case Element::long_month:
      return name(month_, kMonthNames, part.element == Element::month) && ++month_ > 0;
    case Element::num_month:
    case Element::zero_month:
      return number(month_, part.element == Element::zero_month) && in_range(month_, 1, 12, "month");
    case Element::weekday:
      return name(ignored, kDayNames, true);
    case Element::long_weekday:
      return name(ignored, kDayNames, false);
    case Element::under_day:
      if (rest_.starts_with(' ')) rest_.remove_prefix(1);
      return number(day_, false);
    case Element::day:
    case Element::zero_day:
      return number(day_, part.element == Element::zero_day);
    case Element::under_year_day:
    case Element::zero_year_day: {
      std::size_t blanks = 0;
      while (part.element == Element::under_year_day && blanks < 2 && rest_.starts_with(' ')) {
        rest_.remove_prefix(1);
        ++blanks;
      }
      return fixed_number(year_day_, 3 - blanks);
    }
    case Element::hour:
      return number(hour_, false) && in_range(hour_, 0, 23, "hour");
    case Element::hour12:
    case Element::zero_hour12:
      return number(hour_, part.element == Element::zero_hour12) && in_range(hour_, 0, 12, "hour");
    case Element::minute:
    case Element::zero_minute:
      return number(minute_, part.element == Element::zero_minute) && in_range(minute_, 0, 59, "minute");
    case Element::second:
    case Element::zero_second: {
      if (!number(second_, part.element == Element::zero_second)) return false;
      in_range(second_, 0, 59, "second");
      // Go takes a fraction here even if the layout has none.
      const Element next = next_part(part.rest).literal.empty() ? next_part(part.rest).element : Element::none;
      if (rest_.size() < 2 || !is_point(rest_[0]) || !is_digit_at(rest_, 1) || next == Element::fraction_zeros ||
          next == Element::fraction_nines)
        return true;
      std::size_t length = 2;
      while (is_digit_at(rest_, length)) ++length;
      return fraction(length);
    }
    case Element::upper_pm:
    case Element::lower_pm: {
      const std::string_view half = rest_.substr(0, 2);
      const bool upper = part.element == Element::upper_pm;
      pm_ = half == (upper ? "PM" : "pm");
      am_ = half == (upper ? "AM" : "am");
      if (pm_ || am_) rest_.remove_prefix(2);
      return pm_ || am_;
    }
    case Element::zone:
      return zone(part.mark);
    case Element::zone_name:
      return zone_name();
    case Element::fraction_zeros:
      return fraction(part.mark.size());
    case Element::fraction_nines: {
      if (rest_.size() < 2 || !is_point(rest_[0]) || !is_digit_at(rest_, 1)) return true;
      std::size_t length = 2;
      while (length < 10 && is_digit_at(rest_, length)) ++length;
      return fraction(length);
    }
  }
  return false;
}

Result<Time> TimeParser::run() {
  std::string_view layout = layout_;
  for (;;) {
    const LayoutPart part = next_part(layout);
    const auto cannot = [&](std::string_view value, std::string_view wanted) {
      return failed(" as " + quoted(layout_) + ": cannot parse " + quoted(value) + " as " + quoted(wanted));
    };
    if (!rest_.starts_with(part.literal)) return cannot(rest_, part.literal);
    rest_.remove_prefix(part.literal.size());
    if (part.element == Element::none) break;
    const std::string_view before = rest_;
    if (!element(part)) return cannot(before, part.mark);
    if (!range_.empty()) return failed(": " + range_ + " out of range");
    layout = part.rest;
  }
  if (!rest_.empty()) return failed(": extra text: " + quoted(rest_));
  return combine();
}

Result<Time> TimeParser::combine() {
  if (pm_ && hour_ < 12) hour_ += 12;
  if (am_ && hour_ == 12) hour_ = 0;
  if (year_day_ >= 0) {
    if (year_day_ < 1 || year_day_ > (leap(year_) ? 366 : 365)) return failed(": day-of-year out of range");
    unsigned month = 1;
    std::int64_t day = year_day_;
    for (; day > days_in(year_, month); ++month) day -= days_in(year_, month);
    if (month_ >= 0 && month_ != month) return failed(": day-of-year does not match month");
    if (day_ >= 0 && day_ != day) return failed(": day-of-year does not match day");
    month_ = month;
    day_ = day;
  }
  if (month_ < 0) month_ = 1;
  if (day_ < 0) day_ = 1;
  if (day_ < 1 || day_ > days_in(year_, static_cast<unsigned>(month_))) return failed(": day out of range");
  const std::int64_t days = days_from(year_, static_cast<unsigned>(month_), static_cast<unsigned>(day_));
  return placed(days * 86400 + hour_ * 3600 + minute_ * 60 + second_);
}

Time TimeParser::placed(std::int64_t unix_time) const {
  const auto nanos = static_cast<std::int32_t>(nanos_);
  if (utc_) return {unix_time, nanos, 0, "UTC"};
  if (offset_) {
    const Zone local = local_zone(unix_time - *offset_);
    if (local.offset == *offset_ && (zone_.empty() || zone_ == local.name))
      return {unix_time - *offset_, nanos, local.offset, local.name, true};
    return {unix_time - *offset_, nanos, *offset_, zone_};
  }
  const std::int64_t moment = local_seconds(unix_time);
  if (zone_.empty() || zone_ == local_zone(moment).name) return in_local_zone(moment, nanos);
  return {unix_time, nanos, 0, zone_};  // an abbreviation that we do not know has no offset
}

}  // namespace

Result<Time> parse(std::string_view layout, std::string_view text) {
  return TimeParser(layout, text).run();
}

}  // namespace longshore::tmpl::gotime
