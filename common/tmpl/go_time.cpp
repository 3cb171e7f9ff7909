#include "common/tmpl/go_time.h"

#include <cstdint>

namespace longshore::tmpl {
namespace {

using std::chrono::floor;

constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

struct Parts {
  int year;
  unsigned month, day, weekday, year_day;
  unsigned hour, minute, second;
  std::uint64_t nanosecond;
};

Parts take_apart(std::chrono::system_clock::time_point time) {
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::nanoseconds>(time - day));
  const auto first = std::chrono::sys_days(date.year() / std::chrono::January / 1);
  return {int(date.year()),
          unsigned(date.month()),
          unsigned(date.day()),
          std::chrono::weekday(day).c_encoding(),
          static_cast<unsigned>((day - first).count()) + 1,
          static_cast<unsigned>(clock.hours().count()),
          static_cast<unsigned>(clock.minutes().count()),
          static_cast<unsigned>(clock.seconds().count()),
          static_cast<std::uint64_t>(clock.subseconds().count())};
}

std::string padded(std::uint64_t value, std::size_t width, char filler = '0') {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), filler);
  return digits;
}

std::string short_name(std::string_view name) {
  return std::string(name.substr(0, 3));
}

unsigned twelve(unsigned hour) {
  return hour % 12 == 0 ? 12 : hour % 12;
}

// Elements of a layout, longest first where one starts with another.
struct Element {
  std::string_view mark;
  std::string (*text)(const Parts& at);
};

constexpr Element kElements[] = {
    {"January", [](const Parts& at) { return std::string(kMonths[at.month - 1]); }},
    {"Jan", [](const Parts& at) { return short_name(kMonths[at.month - 1]); }},
    {"Monday", [](const Parts& at) { return std::string(kDays[at.weekday]); }},
    {"Mon", [](const Parts& at) { return short_name(kDays[at.weekday]); }},
    {"MST", [](const Parts&) { return std::string("UTC"); }},
    {"2006", [](const Parts& at) { return padded(static_cast<std::uint64_t>(at.year), 4); }},
    {"01", [](const Parts& at) { return padded(at.month, 2); }},
    {"002", [](const Parts& at) { return padded(at.year_day, 3); }},
    {"02", [](const Parts& at) { return padded(at.day, 2); }},
    {"03", [](const Parts& at) { return padded(twelve(at.hour), 2); }},
    {"04", [](const Parts& at) { return padded(at.minute, 2); }},
    {"05", [](const Parts& at) { return padded(at.second, 2); }},
    {"06", [](const Parts& at) { return padded(static_cast<std::uint64_t>(at.year) % 100, 2); }},
    {"15", [](const Parts& at) { return padded(at.hour, 2); }},
    {"1", [](const Parts& at) { return std::to_string(at.month); }},
    {"2", [](const Parts& at) { return std::to_string(at.day); }},
    {"__2", [](const Parts& at) { return padded(at.year_day, 3, ' '); }},
    {"_2", [](const Parts& at) { return padded(at.day, 2, ' '); }},
    {"3", [](const Parts& at) { return std::to_string(twelve(at.hour)); }},
    {"4", [](const Parts& at) { return std::to_string(at.minute); }},
    {"5", [](const Parts& at) { return std::to_string(at.second); }},
    {"PM", [](const Parts& at) { return std::string(at.hour >= 12 ? "PM" : "AM"); }},
    {"pm", [](const Parts& at) { return std::string(at.hour >= 12 ? "pm" : "am"); }},
    {"Z070000", [](const Parts&) { return std::string("Z"); }},
    {"Z07:00:00", [](const Parts&) { return std::string("Z"); }},
    {"Z0700", [](const Parts&) { return std::string("Z"); }},
    {"Z07:00", [](const Parts&) { return std::string("Z"); }},
    {"Z07", [](const Parts&) { return std::string("Z"); }},
    {"-070000", [](const Parts&) { return std::string("+000000"); }},
    {"-07:00:00", [](const Parts&) { return std::string("+00:00:00"); }},
    {"-0700", [](const Parts&) { return std::string("+0000"); }},
    {"-07:00", [](const Parts&) { return std::string("+00:00"); }},
    {"-07", [](const Parts&) { return std::string("+00"); }},
};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

// .000 or .999 (also with a comma) after any text: as many digits of the second, trailing zeros dropped for nines.
std::size_t fraction(std::string_view layout, const Parts& at, std::string& out) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',') || (layout[1] != '0' && layout[1] != '9')) return 0;
  std::size_t end = 1;
  while (end < layout.size() && layout[end] == layout[1]) ++end;
  if (end < layout.size() && is_decimal(layout[end])) return 0;
  std::string digits = padded(at.nanosecond, 9);
  digits.resize(std::min<std::size_t>(end - 1, 9), '0');
  if (layout[1] == '9') digits.resize(digits.find_last_not_of('0') + 1);
  if (!digits.empty()) out += layout[0] + digits;
  return end;
}

const Element* element_at(std::string_view layout) {
  for (const Element& element : kElements) {
    if (!layout.starts_with(element.mark)) continue;
    // "Jan" and "Mon" do not count within longer words, such as Month.
    const bool name = element.mark == "Jan" || element.mark == "Mon";
    if (name && layout.size() > 3 && is_lower(layout[3])) continue;
    return &element;
  }
  return nullptr;
}

}  // namespace

std::string format_time(std::chrono::system_clock::time_point time, std::string_view layout) {
  const Parts at = take_apart(time);
  std::string out;
  while (!layout.empty()) {
    if (const std::size_t used = fraction(layout, at, out); used != 0) {
      layout.remove_prefix(used);
    } else if (layout.starts_with("_2006")) {
      out += '_';  // an underscore before a year, not a padded day
      layout.remove_prefix(1);
    } else if (const Element* element = element_at(layout)) {
      out += element->text(at);
      layout.remove_prefix(element->mark.size());
    } else {
      out += layout[0];
      layout.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace longshore::tmpl
