#include "common/main/status_table.h"

#include <doctest/doctest.h>

namespace longshore::app {
namespace {

std::string shown(std::string_view text) {
  const Result<json::Value> value = json::parse(text, "test");
  REQUIRE(value.has_value());
  return status_text(*value);
}

TEST_CASE("single values, nested ones by path") {
  CHECK(
      shown(
          R"({"version":"0.1.0","docker":{"state":"connected","api":1.41},"note":null,"empty":"","tags":["a","b"]})") ==
      "  docker.api:    1.41\n"
      "  docker.state:  connected\n"
      "  empty:         -\n"
      "  note:          -\n"
      "  tags:          a,b\n"
      "  version:       0.1.0\n");
}

TEST_CASE("arrays of objects are tables, names first") {
  CHECK(
      shown(
          R"({"services":[{"port":80,"id":"h:web:80","service":"web"},{"service":"gr\u00fcn","port":8080,"why":"x y"}],"up":true})") ==
      "  up:  true\n"
      "\n"
      "  services (2)\n"
      "  SERVICE  ID        PORT  WHY\n"
      "  web      h:web:80  80    -\n"
      "  gr\u00fcn     -         8080  x y\n");
}

TEST_CASE("empty things and odd ones") {
  CHECK(shown("{}").empty());
  CHECK(shown(R"({"services":[]})") == "  services:  -\n");
  CHECK(shown(R"({"mixed":[1,"a"]})") == "  mixed:  [1,\"a\"]\n");
  CHECK(shown("[1]") == "  [1]\n");
  CHECK(shown(R"({"name":"\u001b[31mred\n"})") == "  name:  ?[31mred?\n");
}

}  // namespace
}  // namespace longshore::app
