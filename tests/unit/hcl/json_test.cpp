// The JSON form gives the tree that HCL gives; names are keys, labels come with the reading (decoder_test.cpp).
#include <doctest/doctest.h>

#include "common/hcl/reader.h"
#include "show.h"

namespace longshore::hcl {
namespace {

struct JsonRow {
  std::string text;
  std::string tree;
};

const JsonRow kJsonRows[] = {
    {R"({})", R"({})"},
    {" \n\t{ } \n", R"({})"},
    {R"({"a": "x"})", R"({"a"="x"})"},
    {R"({"a": 1, "b": -2.5e3})", R"({"a"=1 "b"=f:-2500})"},
    {R"({"a": 0, "b": 0.5, "c": -0})", R"({"a"=0 "b"=f:0.5 "c"=0})"},
    {R"({"a": true, "b": false, "c": null})", R"({"a"=true "b"=false "c"=null})"},
    {R"({"a": [1, "x", true, [2], {}]})", R"({"a"=[1 "x" true [2] {}]})"},
    {R"({"a": [1,], "b": 2,})", R"({"a"=[1] "b"=2})"},
    {R"({"a": {"b": {"c": 1}}})", R"({"a"={"b"={"c"=1}}})"},
    {R"({"a": [{"b": 1}, {"b": 2}]})", R"({"a"=[{"b"=1} {"b"=2}]})"},
    {R"({"a": "\"\\\/\b\f\n\r\t"})", R"({"a"="\"\\/\x08\x0c\n\x0d\x09"})"},
    {R"({"a": "\u00e9\ud83d\ude00"})", R"({"a"="\xc3\xa9\xf0\x9f\x98\x80"})"},
    {R"({"a": "\ud83d"})", R"({"a"="\xef\xbf\xbd"})"},
    {R"({"a": "${file("})", R"({"a"="${file("})"},
    {R"({"a b": 1})", R"({"a b"=1})"},
    {R"({"a": 1, "a": 2})", R"({"a"=1 "a"=2})"},
};

TEST_CASE("json texts") {
  for (const JsonRow& row : kJsonRows) {
    CAPTURE(row.text);
    const auto document = parse(row.text, "f");
    CHECK(document.has_value());
    if (document) CHECK(show(document->root) == row.tree);
  }
}

TEST_CASE("json positions") {
  const auto document = parse("{\n  \"a\": [\n    {\"b\": 1}\n  ]\n}", "f");
  REQUIRE(document.has_value());
  const auto& item = document->root.items[0];
  CHECK(item.keys[0].position == Position{2, 3});
  CHECK(item.value.position == Position{2, 8});
  CHECK(item.value.elements[0].items[0].value.position == Position{3, 11});
}

}  // namespace
}  // namespace longshore::hcl
