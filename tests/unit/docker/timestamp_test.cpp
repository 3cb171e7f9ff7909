#include "common/docker/timestamp.h"

#include <doctest/doctest.h>

using longshore::docker::nanoseconds_of;

TEST_CASE("Docker's times as nanoseconds since the epoch") {
  // `date -u -d 2024-01-01T00:00:00Z +%s` = 1704067200
  CHECK(nanoseconds_of("2024-01-01T00:00:00Z") == 1'704'067'200'000'000'000);
  CHECK(nanoseconds_of("2024-01-01T00:00:00.5Z") == 1'704'067'200'500'000'000);
  CHECK(nanoseconds_of("2024-02-29T12:34:56.123456789Z") == 1'709'210'096'123'456'789);
  CHECK(nanoseconds_of("2024-01-01T02:00:00.000000001+02:00") == 1'704'067'200'000'000'001);
  CHECK(nanoseconds_of("2023-12-31T19:30:00-04:30") == 1'704'067'200'000'000'000);
  CHECK(nanoseconds_of("1970-01-01T00:00:00Z") == 0);
}

TEST_CASE("other texts, and times that Docker means as none") {
  for (const char* text :
       {"", "0001-01-01T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z",
        "2024-01-01 00:00:00Z", "2024-01-01T00:00:00Zx", "9999-01-01T00:00:00Z", "2024-01-01T00:00:00+2"}) {
    CAPTURE(text);
    CHECK_FALSE(nanoseconds_of(text).has_value());
  }
}
