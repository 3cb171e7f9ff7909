// What is wrong, and where: line and column are those of the place to edit.
#include <doctest/doctest.h>

#include "common/hcl/reader.h"

namespace longshore::hcl {
namespace {

struct ErrorRow {
  std::string text;
  std::string error;
};

const ErrorRow kHcl[] = {
    {"a", "f:1:2: expected '=' or '{' after 'a', found the end of the file"},
    {"a b", "f:1:4: expected '=' or '{' after 'b', found the end of the file"},
    {"= 1", "f:1:1: expected a name here, found '='"},
    {"{{}}", "f:1:2: expected a name in double quotes, found '{'"},
    {"1 = 2", "f:1:1: expected a name here, found the number 1"},
    {"true = 2", "f:1:1: expected a name here, found true"},
    {"a =", "f:1:4: expected a value, found the end of the file"},
    {"a = \n\nb = 1", "f:3:1: expected a value, found the word 'b'; strings take double quotes"},
    {"a { b = \n c = 7 }", "f:2:2: expected a value, found the word 'c'; strings take double quotes"},
    {"a = yes", "f:1:5: expected a value, found the word 'yes'; strings take double quotes"},
    {"a b = 1", "f:1:5: only one name may stand before '=' (labels belong to blocks: name \"label\" {)"},
    {"a: 1", "f:1:2: unexpected ':' (HCL assigns with '='; a JSON file starts with '{')"},
    {"a = 'x'", "f:1:5: strings take double quotes, not single ones"},
    {"a = \u201Cx\u201D", "f:1:5: a typographic quote; strings take plain double quotes"},
    {"a = \"x", "f:1:5: this string has no end on its line (use \\n, or a here-document: <<EOF)"},
    {"a = \"x\n\"", "f:1:5: this string has no end on its line (use \\n, or a here-document: <<EOF)"},
    {"a = \"${x\"", "f:1:5: this string has no end: '}' of \"${\" is missing"},
    {"a = \"${\\q}\"", "f:1:8: unknown escape in \"${\""},
    {"a = \"C:\\dir\"", "f:1:8: unknown escape '\\d' (a backslash itself is written \\\\)"},
    {"a = \"\\'\"", "f:1:6: unknown escape '\\'' (a backslash itself is written \\\\)"},
    {"a = \"\\x4\"", "f:1:6: this escape takes 2 hexadecimal digits"},
    {"a = \"\\u00g0\"", "f:1:6: this escape takes 4 hexadecimal digits"},
    {"a = \"\\U0011FFFF\"", "f:1:6: this escape is no character"},
    {"a = \"\\400\"", "f:1:6: this escape is no character"},
    {"a = \"\\18\"", "f:1:6: this escape takes 3 octal digits"},
    {"a = 10s", "f:1:5: 10s is not a number; durations and sizes are strings: \"10s\""},
    {"a = 09", "f:1:5: 09 is not a valid octal (it starts with 0) number"},
    {"a = 0x", "f:1:5: 0x is not a valid hexadecimal number"},
    {"a = 0xZZ", "f:1:5: 0xZZ is not a valid hexadecimal number"},
    {"a = 1e", "f:1:5: 1e is not a number that we can hold"},
    {"a = 1e999", "f:1:5: 1e999 is not a number that we can hold"},
    {"a = 9223372036854775808", "f:1:5: 9223372036854775808 does not fit into 64 bits"},
    {"a = -9223372036854775809", "f:1:5: -9223372036854775809 does not fit into 64 bits"},
    {"a = 99999999999999999999", "f:1:5: 99999999999999999999 does not fit into 64 bits"},
    {"a = 1.2.3", "f:1:8: expected a name here, found the number .3"},
    {"a = -", "f:1:5: unexpected character '-'"},
    {"a = [1 2]", "f:1:8: expected ',' or ']' in this list, found the number 2"},
    {"a = [1, 2\nb = 3", "f:2:1: expected ',' or ']' in this list, found the word 'b'"},
    {"a = [1, 2", "f:1:5: this '[' is never closed: ']' is missing"},
    {"a = [x]", "f:1:6: expected a value, found the word 'x'; strings take double quotes"},
    {"a {\n b = 1\n", "f:1:3: this '{' is never closed: '}' is missing"},
    {"a { b { }", "f:1:3: this '{' is never closed: '}' is missing"},
    {"a { } }", "f:1:7: '}' without a '{' before it"},
    {"a { b }", "f:1:7: expected '=' or '{' after 'b', found '}'"},
    {"/* x", "f:1:1: this comment has no end: '*/' is missing"},
    {"a = 1 / 2", "f:1:7: unexpected character '/'"},
    {"a = 1 + 2", "f:1:7: unexpected character '+'"},
    {"a = <EOF\nEOF\n", "f:1:5: unexpected '<' (a here-document starts with <<)"},
    {"a = <<\nEOF\n", "f:1:5: a here-document needs a word after <<"},
    {"a = <<-\nEOF\n", "f:1:5: a here-document needs a word after <<"},
    {"a = <<\"EOF\"\nEOF\n", "f:1:5: a here-document needs a word after <<"},
    {"a = <<EOF x\nEOF\n", "f:1:5: only the word may follow << on this line"},
    {"\n a = <<EOF\nx\n", "f:2:6: this here-document has no end: a line with only EOF is missing"},
    {"a = <<EOF", "f:1:5: this here-document has no end: a line with only EOF is missing"},
    {"\xC3\xA9 = 1", "f:1:1: unexpected character '\xC3\xA9'"},
    {"a = \x01", "f:1:5: unexpected character 0x01"},
    {std::string("a = \"\0\"", 7), "f:1:6: this file has a NUL byte: is it text?"},
    {"a = 1\nb = \"\xC3\xA9\xFF\"", "f:2:7: this file is not UTF-8 text here"},
};

const ErrorRow kJson[] = {
    {"{", "f:1:2: expected a name in double quotes, found the end of the file"},
    {"{\"a\": 1", "f:1:1: this '{' is never closed"},
    {"{\"a\" 1}", "f:1:6: expected ':' after \"a\", found '1'"},
    {"{\"a\": }", "f:1:7: expected a value, found '}'"},
    {"{\"a\": tru}", "f:1:7: expected a value, found 'tru'"},
    {"{\"a\": 1 \"b\": 2}", "f:1:9: expected ',' or '}', found '\"'"},
    {"{\"a\": [1 2]}", "f:1:10: expected ',' or ']', found '2'"},
    {"{\"a\": [1", "f:1:7: this '[' is never closed"},
    {"{a: 1}", "f:1:2: expected a name in double quotes, found 'a'"},
    {"{\"a\": 'x'}", "f:1:7: expected a value, found '''"},
    {"{\"a\": \"x}", "f:1:7: this string has no end on its line"},
    {"{\"a\": \"\n\"}", "f:1:7: this string has no end on its line"},
    {"{\"a\": \"\\q\"}", "f:1:8: unknown escape (a backslash itself is written \\\\)"},
    {"{\"a\": \"\\u12\"}", "f:1:8: \\u takes 4 hexadecimal digits"},
    {"{\"a\": \"\\ud83d\\u0041\"}", "f:1:8: half of a character: \\u escapes do not pair"},
    {"{\"a\": 01}", "f:1:7: 01: numbers in JSON cannot start with 0 (write octal ones as a string)"},
    {"{\"a\": 1.2.3}", "f:1:7: 1.2.3 is not a number that we can hold"},
    {"{\"a\": -}", "f:1:7: - is not a valid decimal number"},
    {"{} x", "f:1:4: expected the end of the file, found 'x'"},
    {"{\n  \"a\": {\n    \"b\": ?\n  }\n}", "f:3:10: expected a value, found '?'"},
};

void check(const ErrorRow& row) {
  CAPTURE(row.text);
  const auto document = parse(row.text, "f");
  REQUIRE_FALSE(document.has_value());
  CHECK(document.error().text == row.error);
  CHECK(document.error().code == Errc::invalid_input);
}

TEST_CASE("hcl errors") {
  for (const ErrorRow& row : kHcl) check(row);
}

TEST_CASE("json errors") {
  for (const ErrorRow& row : kJson) check(row);
}

TEST_CASE("depth is bounded") {
  const auto nested = [](int levels, const std::string& open, const std::string& close) {
    std::string text;
    for (int level = 0; level < levels; ++level) text += open;
    for (int level = 0; level < levels; ++level) text += close;
    return text;
  };
  CHECK(parse(nested(kMaxDepth, "a {", "}"), "f").has_value());
  const auto blocks = parse(nested(100'000, "a {", "}"), "f");
  REQUIRE_FALSE(blocks.has_value());
  CHECK(blocks.error().code == Errc::limit);
  CHECK(blocks.error().text == "f:1:387: more than 128 levels deep");
  CHECK(parse("a = " + nested(kMaxDepth, "[", "]"), "f").has_value());
  CHECK_FALSE(parse("a = " + nested(100'000, "[", "]"), "f").has_value());
  CHECK(parse("{\"a\": " + nested(kMaxDepth - 1, "[", "]") + "}", "f").has_value());
  CHECK_FALSE(parse("{\"a\": " + nested(100'000, "[", "]") + "}", "f").has_value());
}

}  // namespace
}  // namespace longshore::hcl
