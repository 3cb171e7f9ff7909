// Expected values: the tables of Go's own tests of package time, and worked out by hand.
#include "common/base/duration.h"

#include <doctest/doctest.h>

#include <limits>

namespace longshore::base {
namespace {

constexpr std::int64_t kMicro = 1'000;
constexpr std::int64_t kMilli = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

struct Written {
  const char* text;
  std::int64_t nanoseconds;
};

TEST_CASE("durations that Go accepts") {
  const Written cases[] = {
      {"0", 0},
      {"+0", 0},
      {"-0", 0},
      {"5s", 5 * kSecond},
      {"30s", 30 * kSecond},
      {"1478s", 1478 * kSecond},
      {"-5s", -5 * kSecond},
      {"+5s", 5 * kSecond},
      {"5.0s", 5 * kSecond},
      {"5.6s", 5 * kSecond + 600 * kMilli},
      {"5.s", 5 * kSecond},
      {".5s", 500 * kMilli},
      {"1.0s", kSecond},
      {"1.00s", kSecond},
      {"1.004s", kSecond + 4 * kMilli},
      {"1.0040s", kSecond + 4 * kMilli},
      {"100.00100s", 100 * kSecond + kMilli},
      {"10ns", 10},
      {"11us", 11 * kMicro},
      {"12\u00b5s", 12 * kMicro},
      {"12\u03bcs", 12 * kMicro},
      {"13ms", 13 * kMilli},
      {"14s", 14 * kSecond},
      {"15m", 15 * kMinute},
      {"16h", 16 * kHour},
      {"3h30m", 3 * kHour + 30 * kMinute},
      {"10.5s4m", 4 * kMinute + 10 * kSecond + 500 * kMilli},
      {"-2m3.4s", -(2 * kMinute + 3 * kSecond + 400 * kMilli)},
      {"1h2m3s4ms5us6ns", kHour + 2 * kMinute + 3 * kSecond + 4 * kMilli + 5 * kMicro + 6},
      {"39h9m14.425s", 39 * kHour + 9 * kMinute + 14 * kSecond + 425 * kMilli},
      {"52763797000ns", 52763797000},
      {"0.3333333333333333333h", 20 * kMinute},
      {"9007199254740993ns", 9007199254740993},
      {"9223372036854775807ns", kMost},
      {"9223372036854775.807us", kMost},
      {"9223372036s854ms775us807ns", kMost},
      {"-9223372036854775808ns", kLeast},
      {"-9223372036854775.808us", kLeast},
      {"-9223372036s854ms775us808ns", kLeast},
      {"0.100000000000000000000h", 6 * kMinute},
      {"0.830103483285477580700h", 49 * kMinute + 48 * kSecond + 372539827},
  };
  for (const Written& row : cases) {
    CAPTURE(row.text);
    const Result<Duration> parsed = parse_duration(row.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->count() == row.nanoseconds);
  }
}

TEST_CASE("durations that Go refuses") {
  for (const char* text : {"",
                           "3",
                           "-",
                           "s",
                           ".",
                           "-.",
                           ".s",
                           "+.s",
                           "1d",
                           "\x85\x85",
                           "\xff\xff",
                           "hello",
                           "1.2.3s",
                           "1 s",
                           " 1s",
                           "1s ",
                           "1e3s",
                           "--1s",
                           "0x1s",
                           "9223372036854775810ns",
                           "9223372036854775808ns",
                           "-9223372036854775809ns",
                           "9223372036854776us",
                           "3000000h",
                           "9223372036854775.808us",
                           "9223372036854ms775us808ns",
                           "9223372036854775808ns9223372036854775808ns"}) {
    CAPTURE(text);
    const Result<Duration> parsed = parse_duration(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Errc::invalid_input);
  }
}

TEST_CASE("durations print as Go prints them") {
  const Written cases[] = {
      {"0s", 0},
      {"1ns", 1},
      {"1.1\u00b5s", 1100},
      {"2.2ms", 2200 * kMicro},
      {"3.3s", 3300 * kMilli},
      {"4m5s", 4 * kMinute + 5 * kSecond},
      {"4m5.001s", 4 * kMinute + 5 * kSecond + kMilli},
      {"5h6m7.001s", 5 * kHour + 6 * kMinute + 7 * kSecond + kMilli},
      {"8m0.000000001s", 8 * kMinute + 1},
      {"1h0m0s", kHour},
      {"250ms", 250 * kMilli},
      {"-1.5s", -1500 * kMilli},
      {"2562047h47m16.854775807s", kMost},
      {"-2562047h47m16.854775808s", kLeast},
  };
  for (const Written& row : cases) CHECK(format_duration(Duration(row.nanoseconds)) == row.text);
}

}  // namespace
}  // namespace longshore::base
