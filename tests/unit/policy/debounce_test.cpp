#include "common/policy/debounce.h"

#include <doctest/doctest.h>

namespace longshore::policy {
namespace {

using std::chrono::milliseconds;

base::TimePoint at(int ms) {
  return base::TimePoint(milliseconds(ms));
}

TEST_CASE("nothing is due without a change") {
  const Debounce debounce(milliseconds(100), milliseconds(400));
  CHECK_FALSE(debounce.due().has_value());
  CHECK_FALSE(debounce.is_due(at(1'000'000)));
}

TEST_CASE("each change moves the time, but not past the most") {
  Debounce debounce(milliseconds(100), milliseconds(250));
  debounce.changed(at(0));
  CHECK(debounce.due() == at(100));
  debounce.changed(at(90));
  CHECK(debounce.due() == at(190));
  debounce.changed(at(180));
  CHECK(debounce.due() == at(250));
  CHECK_FALSE(debounce.is_due(at(249)));
  CHECK(debounce.is_due(at(250)));
}

TEST_CASE("a new round starts after acting") {
  Debounce debounce(milliseconds(100), milliseconds(250));
  debounce.changed(at(0));
  debounce.acted();
  CHECK_FALSE(debounce.due().has_value());
  debounce.changed(at(1000));
  CHECK(debounce.due() == at(1100));
}

TEST_CASE("a window of nothing is due at once") {
  Debounce debounce(milliseconds(0), milliseconds(0));
  debounce.changed(at(5));
  CHECK(debounce.is_due(at(5)));
}

}  // namespace
}  // namespace longshore::policy
