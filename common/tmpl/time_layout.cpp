#include "common/tmpl/time_layout.h"

#include "common/tmpl/time_value.h"

namespace longshore::tmpl::gotime {
namespace {

struct Mark {
  std::string_view text;
  Element element;
};

// Longer ones first where one starts with another.
constexpr Mark kMarks[] = {
    {"January", Element::long_month},
    {"Monday", Element::long_weekday},
    {"MST", Element::zone_name},
    {"002", Element::zero_year_day},
    {"01", Element::zero_month},
    {"02", Element::zero_day},
    {"03", Element::zero_hour12},
    {"04", Element::zero_minute},
    {"05", Element::zero_second},
    {"06", Element::year},
    {"15", Element::hour},
    {"1", Element::num_month},
    {"2006", Element::long_year},
    {"2", Element::day},
    {"__2", Element::under_year_day},
    {"_2", Element::under_day},
    {"3", Element::hour12},
    {"4", Element::minute},
    {"5", Element::second},
    {"PM", Element::upper_pm},
    {"pm", Element::lower_pm},
    {"-07:00:00", Element::zone},
    {"-070000", Element::zone},
    {"-07:00", Element::zone},
    {"-0700", Element::zone},
    {"-07", Element::zone},
    {"Z07:00:00", Element::zone},
    {"Z070000", Element::zone},
    {"Z07:00", Element::zone},
    {"Z0700", Element::zone},
    {"Z07", Element::zone},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A point or comma and a run of zeros or nines that no other digit follows.
Mark fraction_at(std::string_view text) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != ',') || (text[1] != '0' && text[1] != '9')) return {};
  std::size_t end = text.find_first_not_of(text[1], 1);
  if (end == std::string_view::npos) end = text.size();
  if (end < text.size() && is_digit(text[end])) return {};
  return {text.substr(0, end), text[1] == '0' ? Element::fraction_zeros : Element::fraction_nines};
}

Mark mark_at(std::string_view text) {
  for (const Mark& mark : kMarks)
    if (text.starts_with(mark.text)) return mark;
  const bool lower_next = text.size() > 3 && text[3] >= 'a' && text[3] <= 'z';
  if (text.starts_with("Jan") && !lower_next) return {"Jan", Element::month};
  if (text.starts_with("Mon") && !lower_next) return {"Mon", Element::weekday};
  return fraction_at(text);
}

void pad(std::string& out, std::int64_t number, std::size_t width, char filler = '0') {
  const bool negative = number < 0;
  std::string digits = std::to_string(negative ? -number : number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), filler);
  (negative ? out += '-' : out) += digits;
}

void append_zone(std::string& out, const Time& time, std::string_view mark) {
  if (mark.front() == 'Z' && time.offset == 0) {
    out += 'Z';
    return;
  }
  const std::int32_t offset = time.offset < 0 ? -time.offset : time.offset;
  const bool colons = mark.find(':') != std::string_view::npos;
  out += time.offset < 0 ? '-' : '+';
  pad(out, offset / 3600, 2);
  if (mark.size() == 3) return;
  if (colons) out += ':';
  pad(out, offset / 60 % 60, 2);
  if (mark.size() < 7) return;
  if (colons) out += ':';
  pad(out, offset % 60, 2);
}

void append_zone_name(std::string& out, const Time& time) {
  if (!time.zone.empty()) {
    out += time.zone;
    return;
  }
  const std::int32_t minutes = (time.offset < 0 ? -time.offset : time.offset) / 60;
  out += time.offset < 0 ? '-' : '+';
  pad(out, minutes / 60, 2);
  pad(out, minutes % 60, 2);
}

void append_fraction(std::string& out, const Time& time, std::string_view mark, bool trim) {
  std::string digits;
  pad(digits, time.nanos, 9);
  digits.resize(mark.size() - 1 < 9 ? mark.size() - 1 : 9, '0');
  if (trim) digits.resize(digits.find_last_not_of('0') + 1);
  if (trim && digits.empty()) return;
  out += mark.front();
  out += digits;
}

void append_element(std::string& out, const Time& time, const Date& date, const LayoutPart& part) {
  const unsigned twelve = date.hour % 12 == 0 ? 12 : date.hour % 12;
  switch (part.element) {
    case Element::none:
      break;
    case Element::long_month:
      out += kMonthNames[date.month - 1];
      break;
    case Element::month:
      out += kMonthNames[date.month - 1].substr(0, 3);
      break;
    case Element::num_month:
      pad(out, date.month, 1);
      break;
    case Element::zero_month:
      pad(out, date.month, 2);
      break;
    case Element::long_weekday:
      out += kDayNames[date.weekday];
      break;
    case Element::weekday:
      out += kDayNames[date.weekday].substr(0, 3);
      break;
    case Element::day:
      pad(out, date.day, 1);
      break;
    case Element::under_day:
      pad(out, date.day, 2, ' ');
      break;
    case Element::zero_day:
      pad(out, date.day, 2);
      break;
    case Element::under_year_day:
      pad(out, date.year_day, 3, ' ');
      break;
    case Element::zero_year_day:
      pad(out, date.year_day, 3);
      break;
    case Element::hour:
      pad(out, date.hour, 2);
      break;
    case Element::hour12:
      pad(out, twelve, 1);
      break;
    case Element::zero_hour12:
      pad(out, twelve, 2);
      break;
    case Element::minute:
      pad(out, date.minute, 1);
      break;
    case Element::zero_minute:
      pad(out, date.minute, 2);
      break;
    case Element::second:
      pad(out, date.second, 1);
      break;
    case Element::zero_second:
      pad(out, date.second, 2);
      break;
    case Element::long_year:
      pad(out, date.year, 4);
      break;
    case Element::year:
      pad(out, (date.year < 0 ? -date.year : date.year) % 100, 2);
      break;
    case Element::upper_pm:
      out += date.hour >= 12 ? "PM" : "AM";
      break;
    case Element::lower_pm:
      out += date.hour >= 12 ? "pm" : "am";
      break;
    case Element::zone_name:
      append_zone_name(out, time);
      break;
    case Element::zone:
      append_zone(out, time, part.mark);
      break;
    case Element::fraction_zeros:
      append_fraction(out, time, part.mark, false);
      break;
    case Element::fraction_nines:
      append_fraction(out, time, part.mark, true);
      break;
  }
}

}  // namespace

LayoutPart next_part(std::string_view layout) {
  for (std::size_t at = 0; at < layout.size(); ++at) {
    const std::string_view text = layout.substr(at);
    const Mark mark = text.starts_with("_2006") ? Mark{} : mark_at(text);
    if (mark.element != Element::none)
      return {layout.substr(0, at), mark.element, text.substr(0, mark.text.size()), text.substr(mark.text.size())};
  }
  return {layout, Element::none, {}, {}};
}

std::string format(const Time& time, std::string_view layout) {
  const Date date = date_of(time);
  std::string out;
  while (!layout.empty()) {
    const LayoutPart part = next_part(layout);
    out += part.literal;
    append_element(out, time, date, part);
    layout = part.rest;
  }
  return out;
}

}  // namespace longshore::tmpl::gotime
