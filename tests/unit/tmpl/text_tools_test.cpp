#include "common/tmpl/text_tools.h"

#include <doctest/doctest.h>

#include "common/tmpl/numbers.h"

using namespace longshore::tmpl;

TEST_CASE("runes") {
  CHECK(decode_rune("").width == 0);
  CHECK(decode_rune("é").value == 0xE9);
  CHECK(decode_rune("\xC0\x80").value == kRuneError);  // overlong
  CHECK(decode_rune("\xED\xA0\x80").width == 1);       // surrogate
  CHECK(decode_rune("\xF4\x90\x80\x80").width == 1);   // beyond the last code point
  CHECK(decode_rune("\xF0\x9F\x98\x80").value == 0x1F600);
  CHECK(rune_count("a\xFFé") == 3);
}

TEST_CASE("case and classes") {
  CHECK(to_upper(0xE9) == 0xC9);
  CHECK(to_upper(0xDF) == 0xDF);
  CHECK(to_upper(0x1F80) == 0x1F88);
  CHECK(to_title(0x1C6) == 0x1C5);
  CHECK(to_lower(0x130) == 0x69);
  CHECK(is_letter(0x65E5));
  CHECK(!is_printable(0xAD));
  CHECK(is_printable(0xFFFD));
  CHECK(is_digit(0x663));
}

TEST_CASE("quotes both ways") {
  CHECK(quote("a\"b\n\x01\xFF\u00ad") == R"("a\"b\n\x01\xff\u00ad")");
  CHECK(quote("é", true) == R"("\u00e9")");
  CHECK(unquote(R"("\u00e9\x41\101\U0001F600")") == "éAA😀");
  CHECK(!unquote(R"("\400")").has_value());
  CHECK(!unquote(R"("\'")").has_value());
  CHECK(unquote("`a\\\r\n`") == "a\\\n");
  CHECK(unquote_char("'\\''") == '\'');
  CHECK(!unquote_char("''").has_value());
}

TEST_CASE("numbers") {
  CHECK(parse_int("-9223372036854775808", 10) == INT64_MIN);
  CHECK(parse_uint("0x_ff", 0) == 255);
  CHECK(!parse_uint("0x_ff", 10).has_value());
  CHECK(parse_float("0x1p-1074") == 5e-324);
  CHECK(parse_float("1e-400") == 0.0);
  std::string text;
  append_float(text, 1e23, 'g', -1, 64);
  CHECK(text == "1e+23");
}
