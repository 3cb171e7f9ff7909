// Laws of times; single values are in tests/conformance/libraries.
#include <doctest/doctest.h>

#include <random>

#include "common/tmpl/time_value.h"

namespace longshore::tmpl::gotime {
namespace {

TEST_CASE("days and dates are inverse over 8000 years") {
  std::int64_t expected = days_from(-3999, 1, 1);
  for (std::int64_t day = expected; day < expected + 2'922'000; day += 13) {
    const Date date = date_of({.seconds = day * 86400 + 86399, .nanos = 0, .offset = 0, .zone = "UTC"});
    REQUIRE(days_from(date.year, date.month, date.day) == day);
    REQUIRE(date.hour == 23);
    REQUIRE(date.second == 59);
  }
  CHECK(days_from(1970, 1, 1) == 0);
  CHECK(days_from(2000, 3, 1) == 11017);
}

TEST_CASE("what is formatted parses to the same") {
  std::mt19937_64 random(7);
  constexpr const char* kLayouts[] = {
      "2006-01-02T15:04:05.999999999Z07:00", "Mon, 02 Jan 2006 15:04:05.000000000 -0700",
      "Monday January _2 3:04:05.000000000PM 2006 -07:00:00", "2006 002 15.04.05.000000000 Z0700"};
  for (int i = 0; i < 4000; ++i) {
    Time time;
    time.seconds = static_cast<std::int64_t>(random() % 200'000'000'000ULL) - 60'000'000'000;
    time.nanos = static_cast<std::int32_t>(random() % 1'000'000'000);
    time.offset = static_cast<std::int32_t>(random() % 1440) * 60 - 720 * 60;
    time.zone = "";
    const char* layout = kLayouts[i % 4];
    const std::string text = format(time, layout);
    CAPTURE(text);
    const auto parsed = parse(layout, text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->seconds == time.seconds);
    CHECK(parsed->nanos == time.nanos);
    CHECK(parsed->offset == time.offset);
  }
}

TEST_CASE("no layout and no text harm") {
  std::mt19937_64 random(11);
  constexpr std::string_view kParts[] = {"2006", "01", "Jan", "_2", "002", "15", "PM", ".000", ".999", "Z07:00", "MST",
                                         "-07",  "x",  "0",   "9",  "+",   ":",  "Ju", "9999", "\xFF", " ",      "__2"};
  for (int i = 0; i < 20'000; ++i) {
    std::string layout;
    std::string text;
    for (std::uint64_t part = random() % 6; part > 0; --part) layout += kParts[random() % std::size(kParts)];
    for (std::uint64_t part = random() % 6; part > 0; --part) text += kParts[random() % std::size(kParts)];
    const auto parsed = parse(layout, text);
    if (parsed) CHECK(format(*parsed, layout).size() < 1000);
  }
}

}  // namespace
}  // namespace longshore::tmpl::gotime
