#include "common/hcl/decoder.h"

#include <doctest/doctest.h>

#include "common/hcl/reader.h"

namespace longshore::hcl {
namespace {

using namespace std::chrono_literals;

Document document_of(const std::string& text) {
  auto document = parse(text, "f");
  REQUIRE_MESSAGE(document.has_value(), document.error().text);
  return std::move(*document);
}

std::string finish(Decoder& root) {
  const Status status = root.finish();
  return status ? "" : status.error().text;
}

TEST_CASE("booleans") {
  for (const std::string yes : {"true", "1", "\"1\"", "\"t\"", "\"TRUE\"", "\"true\"", "\"True\""}) {
    const auto document = document_of("a = " + yes);
    Decoder root(document);
    CHECK(root.boolean("a") == true);
    CHECK(finish(root) == "");
  }
  for (const std::string no : {"false", "0", "\"0\"", "\"f\"", "\"FALSE\"", "\"false\""}) {
    const auto document = document_of("a = " + no);
    Decoder root(document);
    CHECK(root.boolean("a") == false);
  }
}

TEST_CASE("numbers") {
  const auto document = document_of("a = 0600 b = \"12\" c = 3.0 d = 0x10 e = 1.5 f = \"1e2\"");
  Decoder root(document);
  CHECK(root.integer("a") == 384);
  CHECK(root.text("a") == "0600");
  CHECK(root.integer("b") == 12);
  CHECK(root.integer("c") == 3);
  CHECK(root.integer("d", 16, 16) == 16);
  CHECK(root.number("e") == 1.5);
  CHECK(root.number("f") == 100);
  CHECK_FALSE(root.integer("absent").has_value());
  CHECK(finish(root) == "");
}

TEST_CASE("durations") {
  const auto document = document_of("a = \"1m30s\" b = 5000000000 c = \"0\" d = 1.5e9");
  Decoder root(document);
  CHECK(root.duration("a") == 90s);
  CHECK(root.duration("b") == 5s);
  CHECK(root.duration("c") == 0s);
  CHECK(root.duration("d") == 1500ms);
  CHECK(finish(root) == "");
}

TEST_CASE("lists of strings") {
  const auto document = document_of("a = \"echo a, b\" b = [\"x\", 2] c = \"\" d = [] e = [\"1\"] e = [\"2\"]");
  Decoder root(document);
  using Texts = std::vector<std::string>;
  CHECK(root.texts("a") == Texts{"echo a", " b"});
  CHECK(root.texts("b") == Texts{"x", "2"});
  CHECK(root.texts("c") == Texts{});
  CHECK(root.texts("d") == Texts{});
  CHECK(root.texts("e") == Texts{"1", "2"});
  CHECK_FALSE(root.texts("absent").has_value());
  CHECK(finish(root) == "");
}

TEST_CASE("keys ignore case, the last one counts, null is absent") {
  const auto document = document_of(R"({"Log_Level": "a", "LOG_LEVEL": "b", "x": null})");
  Decoder root(document);
  CHECK(root.text("log_level") == "b");
  CHECK_FALSE(root.text("x").has_value());
  CHECK(finish(root) == "");
}

// The forms that mean the same must read the same.
std::vector<std::string> names_of(const std::string& text) {
  const auto document = document_of(text);
  Decoder root(document);
  std::vector<std::string> names;
  root.blocks("t", [&](Decoder& block) { names.push_back(block.text("n").value_or("-")); });
  CHECK(finish(root) == "");
  return names;
}

TEST_CASE("repeated blocks") {
  using Names = std::vector<std::string>;
  CHECK(names_of("t { n = 1 } t { n = 2 }") == Names{"1", "2"});
  CHECK(names_of("t = { n = 1 } t { n = 2 }") == Names{"1", "2"});
  CHECK(names_of("t = [{ n = 1 }, { n = 2 }]") == Names{"1", "2"});
  CHECK(names_of(R"({"t": [{"n": 1}, {"n": 2}]})") == Names{"1", "2"});
  CHECK(names_of(R"({"t": {"n": 1}})") == Names{"1"});
  CHECK(names_of("t {}") == Names{"-"});
  CHECK(names_of("").empty());
}

TEST_CASE("a single block is the last one") {
  const auto document = document_of("t { n = 1 m = 1 } t { n = 2 }");
  Decoder root(document);
  std::string seen;
  CHECK(root.block("t", [&](Decoder& block) { seen = block.text("n").value_or("") + block.text("m").value_or("-"); }));
  CHECK_FALSE(root.block("absent", [](Decoder&) {}));
  CHECK(seen == "2-");
  CHECK(finish(root) == "");
}

std::string labels_of(const std::string& text) {
  const auto document = document_of(text);
  Decoder root(document);
  std::string seen;
  root.labelled_blocks(
      "g", [&](const Key& label, Decoder& block) { seen += label.text + '=' + block.text("n").value_or("-") + ' '; });
  return seen + finish(root);
}

TEST_CASE("blocks with a label") {
  CHECK(labels_of("g \"a\" { n = 1 } g b { n = 2 }") == "a=1 b=2 ");
  CHECK(labels_of("g { a { n = 1 } b { n = 2 } }") == "a=1 b=2 ");
  CHECK(labels_of("g = { a = { n = 1 } }") == "a=1 ");
  CHECK(labels_of(R"({"g": {"a": {"n": 1}, "b": {"n": 2}}})") == "a=1 b=2 ");
  CHECK(labels_of(R"({"g": [{"a": {"n": 1}}, {"b": [{"n": 2}, {"n": 3}]}]})") == "a=1 b=2 b=3 ");
  CHECK(labels_of("g { n = 1 }") == "f:1:5: g: this block needs a label: g \"name\" { .. }");
  CHECK(labels_of("g \"a\" \"b\" {}") == "f:1:7: g: this block takes one label only");
  CHECK(labels_of("g = 1") == "f:1:5: g: expected a block with a label, found a number");
  CHECK(labels_of("g \"a\" { x = 1 }") == "a=- f:1:9: g \"a\".x: unknown key");
}

TEST_CASE("text maps") {
  const auto document = document_of("tags { a = \"1\" \"b c\" = 2 }");
  Decoder root(document);
  CHECK(root.text_map("tags") == std::map<std::string, std::string>{{"a", "1"}, {"b c", "2"}});
  CHECK(finish(root) == "");
}

// Reads every kind once; what it does not ask for is unknown.
std::string mistakes(const std::string& text) {
  const auto document = document_of(text);
  Decoder root(document);
  root.text("text");
  root.boolean("boolean");
  root.integer("integer", 1, 100);
  root.integer("at_least", 0);
  root.number("number");
  root.duration("duration");
  root.texts("texts");
  root.text_map("text_map");
  root.block("block", [](Decoder& block) {
    block.text("address");
    block.required_text("name");
  });
  return finish(root);
}

struct MistakeRow {
  std::string text;
  std::string error;
};

const MistakeRow kMistakes[] = {
    {"text = true", "f:1:8: text: expected a string, found true or false"},
    {"text = []", "f:1:8: text: expected a string, found a list"},
    {"text {}", "f:1:6: text: expected a string, found a block"},
    {"text \"x\" {}", "f:1:6: text: expected '=' after the name of a setting"},
    {"boolean = \"yes\"", "f:1:11: boolean: expected true or false, found \"yes\""},
    {"boolean = 2", "f:1:11: boolean: expected true or false, found a number"},
    {"boolean = []", "f:1:11: boolean: expected true or false, found a list"},
    {"integer = 0", "f:1:11: integer: 0 is out of range: between 1 and 100"},
    {"integer = 101", "f:1:11: integer: 101 is out of range: between 1 and 100"},
    {"at_least = -1", "f:1:12: at_least: -1 is out of range: at least 0"},
    {"integer = 1.5", "f:1:11: integer: expected a whole number, found a number"},
    {"integer = \"x\"", "f:1:11: integer: expected a whole number, found \"x\""},
    {"integer = 1e30", "f:1:11: integer: expected a whole number, found a number"},
    {"number = \"nan\"", "f:1:10: number: expected a number, found \"nan\""},
    {"number = {}", "f:1:10: number: expected a number, found a block"},
    {"duration = \"5 s\"", "f:1:12: duration: expected a duration such as \"30s\" or \"1m30s\", found \"5 s\""},
    {"duration = \"10\"", "f:1:12: duration: expected a duration such as \"30s\" or \"1m30s\", found \"10\""},
    {"duration = true", "f:1:12: duration: expected a duration such as \"30s\", found true or false"},
    {"texts = 1", "f:1:9: texts: expected a list of strings, found a number"},
    {"texts = [[]]", "f:1:10: texts: expected a string, found a list"},
    {"text_map { a = [] }", "f:1:16: text_map: expected a string, found a list"},
    {"block = \"x\"", "f:1:9: block: expected a block, found a string"},
    {"block = [1]", "f:1:10: block: expected a block, found a number"},
    {"block \"x\" {}", "f:1:7: block: this block takes no label"},
    {"block {}", "f:1:7: block.name: must be given"},
    {"block { name = \"\" }", "f:1:16: block.name: must not be empty"},
    {"block { name = 1 adress = 2 }", "f:1:18: block.adress: unknown key, did you mean \"address\"?"},
    {"Duratoin = 1", "f:1:1: Duratoin: unknown key, did you mean \"duration\"?"},
    {"zebra = 1", "f:1:1: zebra: unknown key"},
    {"zebra = 1\ntext = true\nboolean = 3",
     "f:1:1: zebra: unknown key; f:2:8: text: expected a string, found true or false; "
     "f:3:11: boolean: expected true or false, found a number"},
};

TEST_CASE("mistakes") {
  for (const MistakeRow& row : kMistakes) {
    CAPTURE(row.text);
    CHECK(mistakes(row.text) == row.error);
  }
}

TEST_CASE("the caller's own mistakes") {
  const auto document = document_of("a = 1\nb {\n}");
  Decoder root(document);
  root.integer("a");
  root.error("a", "not this one");
  root.block("b", [](Decoder& block) { block.error("", "needs more"); });
  CHECK(finish(root) == "f:1:5: a: not this one; f:2:3: b: needs more");
}

TEST_CASE("several forms of one setting") {
  const auto document = document_of("wait = \"5s:10s\"");
  Decoder root(document);
  const Value* value = root.value("wait");
  REQUIRE(value != nullptr);
  CHECK(value->text == "5s:10s");
  CHECK(root.value("absent") == nullptr);
  CHECK(finish(root) == "");
}

}  // namespace
}  // namespace longshore::hcl
