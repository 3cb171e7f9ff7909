// Well-formed sequences by table 3-7 of the Unicode standard.
#include <doctest/doctest.h>

#include "common/base/text.h"

namespace longshore::base {
namespace {

constexpr std::string_view kBad = "\xEF\xBF\xBD";

TEST_CASE("well-formed UTF-8 is kept") {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("ascii"), std::string_view("\u00e9\u20ac"),
        std::string_view("\U0001F600"), std::string_view("\u0080"), std::string_view("\u07ff"),
        std::string_view("\u0800"), std::string_view("\ud7ff"), std::string_view("\ue000"), std::string_view("\uffff"),
        std::string_view("\U00010000"), std::string_view("\U0010FFFF"), std::string_view("a\0b", 3)}) {
    CHECK(valid_utf8(text));
    CHECK(replace_invalid_utf8(text) == text);
  }
}

TEST_CASE("every malformed byte becomes one replacement") {
  struct Malformed {
    std::string_view text;
    int replaced;
  };
  const Malformed cases[] = {
      {"\x80", 1},              // continuation alone
      {"\xC0\xAF", 2},          // overlong '/'
      {"\xC1\xBF", 2},          // overlong
      {"\xE0\x80\xAF", 3},      // overlong
      {"\xE0\x9F\xBF", 3},      // overlong, last one
      {"\xF0\x8F\xBF\xBF", 4},  // overlong, last one
      {"\xED\xA0\x80", 3},      // first surrogate
      {"\xED\xBF\xBF", 3},      // last surrogate
      {"\xF4\x90\x80\x80", 4},  // above U+10FFFF
      {"\xF5\x80\x80\x80", 4},  // no such lead
      {"\xE2\x82", 2},          // cut off
      {"\xF0\x9F\x98", 3},      // cut off
      {"\xFF\xFE", 2},          // never legal
  };
  for (const Malformed& row : cases) {
    CHECK_FALSE(valid_utf8(row.text));
    std::string expected;
    for (int i = 0; i < row.replaced; ++i) expected += kBad;
    CHECK(replace_invalid_utf8(row.text) == expected);
    CHECK(replace_invalid_utf8("a" + std::string(row.text) + "z") == "a" + expected + "z");
  }
}

}  // namespace
}  // namespace longshore::base
