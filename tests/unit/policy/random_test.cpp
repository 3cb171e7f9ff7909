#include "common/policy/random.h"

#include <doctest/doctest.h>

#include <initializer_list>

namespace longshore::policy {
namespace {

TEST_CASE("splitmix64 from seed 1234567") {
  // The reference values of the algorithm's published test vector.
  Random random(1234567);
  for (const std::uint64_t expected : {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
                                       4593380528125082431ULL, 16408922859458223821ULL})
    CHECK(random.next() == expected);
}

TEST_CASE("chance is in [0, 1)") {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double chance = random.chance();
    REQUIRE(chance >= 0.0);
    REQUIRE(chance < 1.0);
    sum += chance;
  }
  // The mean of 10 000 uniform draws is within 0.5 +- 0.02 except once in many billions.
  CHECK(sum / 10'000 == doctest::Approx(0.5).epsilon(0.04));
}

}  // namespace
}  // namespace longshore::policy
