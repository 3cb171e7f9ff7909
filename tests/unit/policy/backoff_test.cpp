#include "common/policy/backoff.h"

#include <doctest/doctest.h>

namespace longshore::policy {
namespace {

using std::chrono::milliseconds;

TEST_CASE("waits double up to the most") {
  Backoff backoff(milliseconds(100), milliseconds(1000));
  // chance 1 is the whole wait; 75 % + 25 % * chance.
  for (const int expected : {100, 200, 400, 800, 1000, 1000, 1000}) CHECK(backoff.next(1.0) == milliseconds(expected));
  CHECK(backoff.failures() == 7);
}

TEST_CASE("jitter takes at most a quarter away") {
  Backoff backoff(milliseconds(400), milliseconds(400));
  CHECK(backoff.next(0.0) == milliseconds(300));
  CHECK(backoff.next(0.5) == milliseconds(350));
  CHECK(backoff.next(1.0) == milliseconds(400));
}

TEST_CASE("success starts over") {
  Backoff backoff(milliseconds(100), milliseconds(1000));
  backoff.next(1.0);
  backoff.next(1.0);
  backoff.reset();
  CHECK(backoff.failures() == 0);
  CHECK(backoff.next(1.0) == milliseconds(100));
}

TEST_CASE("thousands of failures do not overflow") {
  Backoff backoff(std::chrono::nanoseconds(1), std::chrono::hours(24));
  for (int i = 0; i < 10'000; ++i) {
    const base::Duration wait = backoff.next(0.0);
    REQUIRE(wait.count() >= 0);
    REQUIRE(wait <= std::chrono::hours(24));
  }
}

}  // namespace
}  // namespace longshore::policy
