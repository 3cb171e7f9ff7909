#include "common/base/log_line.h"

#include <doctest/doctest.h>

namespace longshore::base {
namespace {

TEST_CASE("a line is its event, then its fields in order") {
  const LogLine line{
      Level::info, "service_registered", {{"service", "web"}, {"reason", "container started"}, {"n", ""}}};
  CHECK(to_text(line) == R"(event=service_registered service=web reason="container started" n="")");
  CHECK(to_text({Level::warn, "stopped", {}}) == "event=stopped");
}

TEST_CASE("levels have one word each") {
  CHECK(to_string(Level::trace) == "trace");
  CHECK(to_string(Level::debug) == "debug");
  CHECK(to_string(Level::info) == "info");
  CHECK(to_string(Level::warn) == "warn");
  CHECK(to_string(Level::error) == "error");
}

}  // namespace
}  // namespace longshore::base
