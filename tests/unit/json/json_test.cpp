#include <doctest/doctest.h>

#include "common/json/fields.h"

namespace longshore::json {

TEST_CASE("malformed documents name themselves and the byte") {
  const auto result = parse("{\"a\": }", "the answer");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::protocol);
  CHECK(result.error().text.starts_with("the answer: malformed JSON at byte 7"));
}

TEST_CASE("documents that are not whole JSON values are refused") {
  for (const char* text :
       {"", " ", "{", "[1,", "nul", "{\"a\":1} x", "'a'", "[1,]", "{\"a\":1,}", "01", "\"\x01\"", "\xff"}) {
    CAPTURE(text);
    const auto result = parse(text, "x");
    CHECK_FALSE(result);
  }
}

TEST_CASE("depth is bounded") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(parse(nested(kMaxDepth), "x"));
  const auto deeper = parse(nested(kMaxDepth + 1), "x");
  REQUIRE_FALSE(deeper);
  CHECK(deeper.error().code == Errc::limit);
  // Brackets inside strings do not count.
  CHECK(parse("\"" + std::string(10000, '[') + "\"", "x"));
  CHECK(parse("\"\\\"" + std::string(10000, '{') + "\"", "x"));
}

TEST_CASE("malformed UTF-8 is replaced when it is written") {
  CHECK(dump(Value("a\xff")) == "\"a\xEF\xBF\xBD\"");
}

TEST_CASE("keys are sorted and the form is stable") {
  Value value;
  value["b"] = 1;
  value["a"] = Value::array({1, 2});
  CHECK(dump(value) == "{\"a\":[1,2],\"b\":1}");
}

TEST_CASE("missing and null fields are empty, wrong types name their path") {
  const auto document = parse(R"({"t":"x","n":null,"i":-5,"u":7,"b":true,"l":["a"],"m":{"k":"v"},"f":1.5,
                                  "big":18446744073709551615,"ll":[1],"mm":{"k":1}})",
                              "x");
  REQUIRE(document);
  const Fields fields(*document, "Service");
  CHECK(fields.text("t").value() == "x");
  CHECK(fields.text("none").value().empty());
  CHECK(fields.text("n").value().empty());
  CHECK(fields.integer("i").value() == -5);
  CHECK(fields.unsigned_integer("big").value() == 18446744073709551615ULL);
  CHECK(fields.boolean("b").value());
  CHECK(fields.texts("l").value() == std::vector<std::string>{"a"});
  CHECK(fields.text_map("m").value().at("k") == "v");
  CHECK(fields.object("n").value() == nullptr);
  CHECK(fields.text("i").error().text == "Service.i: expected a string, found number");
  CHECK(fields.integer("f").error().text == "Service.f: expected an integer, found number");
  CHECK(fields.integer("big").error().text == "Service.big: out of range");
  CHECK_FALSE(fields.unsigned_integer("i"));
  CHECK_FALSE(fields.texts("ll"));
  CHECK(fields.text_map("mm").error().text == "Service.mm.k: expected a string, found number");
  CHECK_FALSE(fields.object("l"));
  CHECK_FALSE(fields.array("m"));
}

}  // namespace longshore::json
