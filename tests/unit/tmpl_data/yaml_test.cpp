// Laws and bounds of YAML and TOML; single values are in tests/conformance/libraries.
#include <doctest/doctest.h>

#include <random>

#include "common/tmpl/data/data.h"
#include "common/tmpl/data/toml_write.h"
#include "common/tmpl/data/yaml_read.h"
#include "common/tmpl/data/yaml_write.h"
#include "tests/unit/tmpl/tmpl_support.h"

namespace longshore::tmpl {
namespace {

std::string written(const Value& value) {
  BoundedText out(1 << 20);
  REQUIRE(yaml::write(out, value).has_value());
  return out.text;
}

std::string render_data(const std::string& text, const Value& data, const Limits& limits) {
  FunctionTable table = testing::all_functions();
  table.merge(data_functions());
  return testing::render(text, data, {.missing_key = MissingKey::zero, .limits = limits},
                         testing::shared(std::move(table)));
}

// Texts that look like something else, in any combination.
std::string random_text(std::mt19937_64& random) {
  constexpr std::string_view kParts[] = {"a",    " ",    "\n",
                                         "'",    "\"",   ": ",
                                         " #",   "- ",   "?",
                                         "[",    "]",    "{",
                                         "}",    ",",    "&",
                                         "*",    "!",    "|",
                                         ">",    "%",    "@",
                                         "`",    "1",    "0x",
                                         "yes",  "~",    ".",
                                         "e",    ":",    "=",
                                         "<<",   "é",    "\xE2\x98\xBA",
                                         "null", "\\",   "true",
                                         "-",    "--- ", "...",
                                         "_",    "+",    "long word and "};
  std::string out;
  for (std::uint64_t part = random() % 12; part > 0; --part) out += kParts[random() % std::size(kParts)];
  return out;
}

TEST_CASE("TOML of shared lists and maps ends, whatever number of ways leads through them") {
  Value lists = Value::integer(1);
  Value maps = Value::integer(1);
  for (int i = 0; i < 40; ++i) {
    lists = Value::list(types::kListOfAny, {lists, lists});
    maps = Value::map(types::kMapOfAny, {{Value::string("a"), maps}, {Value::string("b"), maps}});
  }
  for (const Value& each : {lists, maps, Value::list(types::kListOfAny, {Value::integer(1), maps})}) {
    BoundedText out(1 << 20);
    const Status done = toml::write(out, Value::map(types::kMapOfAny, {{Value::string("k"), each}}));
    CHECK((!done || out.overflow));
  }
}

TEST_CASE("texts come back as they were written") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_text(random);
    CAPTURE(text);
    const std::string document =
        written(any_map({{"the list", any_list({Value::string(text)})}, {text + "k", Value::integer(1)}}));
    CAPTURE(document);
    const auto back = yaml::read(document);
    REQUIRE(back.has_value());
    const auto list = back->find(Value::string("the list"));
    REQUIRE(list.has_value());
    REQUIRE(list->at(0).is_string());
    CHECK(list->at(0).as_string() == text);
    CHECK(back->find(Value::string(text + "k")).has_value());
  }
}

TEST_CASE("aliases cannot make a document explode") {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'k'; ++name) {
    const std::string before(1, static_cast<char>(name - 1));
    bomb += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 9; ++i) bomb += (i > 0 ? ", *" : "*") + before;
    bomb += "]\n";
  }
  const auto result = yaml::read(bomb);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().text == "yaml: document contains excessive aliasing");
}

TEST_CASE("depth is bounded") {
  CHECK_FALSE(yaml::read(std::string(100'000, '[')).has_value());
  CHECK_FALSE(yaml::read(std::string(100'000, '{')).has_value());
  std::string dashes;
  for (int i = 0; i < 2000; ++i) dashes += "- ";
  CHECK_FALSE(yaml::read(dashes + "x").has_value());
}

TEST_CASE("hostile documents are errors, not crashes") {
  std::mt19937_64 random(9);
  constexpr std::string_view kParts[] = {
      "a: ",   "- ",     "\n",          "  ", "[",    "]",  "{",   "}",          ",", "&x ", "*x",
      "<<: ",  "!!int ", "!!binary ",   "|",  ">-",   "'",  "\"",  "\\",         "#", "? ",  ": ",
      "---\n", "...\n",  "%YAML 1.1\n", "\t", "\xFF", "0x", "1e9", "2001-01-01", "~", "@",   "`"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t part = random() % 20; part > 0; --part) text += kParts[random() % std::size(kParts)];
    const auto result = yaml::read(text);
    if (!result) CHECK(result.error().text.starts_with("yaml: "));
    if (result) CHECK_FALSE(written(*result).empty());
  }
}

TEST_CASE("output is bounded") {
  Limits limits;
  limits.output_bytes = 1000;
  for (const char* function : {"toYAML", "spew_sdump", "spew_sprintf \"%v\""}) {
    CAPTURE(function);
    const Value data = any_list(std::vector<Value>(1000, Value::string("text")));
    CHECK(render_data(std::string("{{") + function + " .}}", data, limits).find("larger than 1000 bytes") !=
          std::string::npos);
  }
  const Value table = any_map({{"l", any_list(std::vector<Value>(1000, Value::string("text")))}});
  CHECK(render_data("{{toTOML .}}", table, limits).find("larger than 1000 bytes") != std::string::npos);
}

}  // namespace
}  // namespace longshore::tmpl
