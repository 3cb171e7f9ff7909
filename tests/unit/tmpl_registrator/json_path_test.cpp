// As buger/jsonparser's Get: the value's own bytes.
#include <doctest/doctest.h>

#include "common/tmpl/registrator/json_path.h"

#include <string>
#include <vector>

using longshore::tmpl::registrator::json_at;

namespace {

std::string at(std::string_view text, const std::vector<std::string_view>& path) {
  const auto found = json_at(text, path);
  return found ? std::string(*found) : "nothing";
}

}  // namespace

TEST_CASE("values at a path") {
  CHECK(at(R"({"a":{"b":"c"}})", {"a", "b"}) == "c");
  CHECK(at(R"( { "a" : { "b" : [ 1 , {"x": 2} ] } } )", {"a", "b"}) == R"([ 1 , {"x": 2} ])");
  CHECK(at(R"( { "a" : { "b" : [ 1 , {"x": 2} ] } } )", {"a", "b", "[1]", "x"}) == "2");
  CHECK(at(R"({"a":-1.5e3,"b":true,"c":null,"d":""})", {"a"}) == "-1.5e3");
  CHECK(at(R"({"a":-1.5e3,"b":true,"c":null,"d":""})", {"b"}) == "true");
  CHECK(at(R"({"a":-1.5e3,"b":true,"c":null,"d":""})", {"c"}) == "null");
  CHECK(at(R"({"a":-1.5e3,"b":true,"c":null,"d":""})", {"d"}) == "");
  CHECK(at(R"({"a":1,"a":2})", {"a"}) == "1");
  CHECK(at(R"("text")", {}) == "text");
}

TEST_CASE("strings keep their escapes, keys are compared without") {
  CHECK(at(R"({"a":"x\n\"y\""})", {"a"}) == R"(x\n\"y\")");
  CHECK(at(R"({"\u0061b":1})", {"ab"}) == "1");
  CHECK(at(R"({"b":"}","a":"{"})", {"a"}) == "{");
}

TEST_CASE("no such path") {
  for (const char* text : {R"({"a":1})", R"({"b":{"a":{"c":1}}})", "[]", "7", "", "  ", "{", R"({"a")", R"({"a":)",
                           R"({"x":[1,2)", R"({"x":"unended)", R"({"x":[}],"a":)"}) {
    CAPTURE(text);
    CHECK(at(text, {"a", "c"}) == "nothing");
  }
  CHECK(at(R"({"a":[1]})", {"a", "[1]"}) == "nothing");
  CHECK(at(R"({"a":[1]})", {"a", "[x]"}) == "nothing");
  CHECK(at(R"({"a":[1]})", {"a", "[0"}) == "nothing");
  CHECK(at(R"({"a":[]})", {"a", "[0]"}) == "nothing");
  CHECK(at(R"({"a":what})", {"a"}) == "nothing");
  CHECK(at(R"({"a":1})", {""}) == "nothing");
}

TEST_CASE("depth costs nothing") {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  CHECK(at(R"({"a":)" + deep + R"(,"b":1})", {"b"}) == "1");
}
