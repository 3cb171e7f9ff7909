#include "common/base/text.h"

#include <doctest/doctest.h>

#include <limits>

namespace longshore::base {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("split keeps empty parts, as Go's strings.Split") {
  CHECK(split("a,b,,", ',') == Strings{"a", "b", "", ""});
  CHECK(split("", ',') == Strings{""});
  CHECK(split("abc", ',') == Strings{"abc"});
  CHECK(split(",", ',') == Strings{"", ""});
}

TEST_CASE("join and split are inverse") {
  CHECK(join({}, ",") == "");
  CHECK(join({"a"}, ",") == "a");
  CHECK(join({"a", "", "b"}, ", ") == "a, , b");
  CHECK(split(join({"x", "", "y"}, ";"), ';') == Strings{"x", "", "y"});
}

TEST_CASE("trim takes ASCII white space from both ends") {
  CHECK(trim("  a b\t\r\n") == "a b");
  CHECK(trim("") == "");
  CHECK(trim(" \n ") == "");
  // A no-break space is not ASCII.
  CHECK(trim("\u00a0x") == "\u00a0x");
}

TEST_CASE("lower case touches ASCII only") {
  CHECK(to_lower_ascii("AbZ-\u00c4") == "abz-\u00c4");
  CHECK(equal_ignore_case_ascii("Content-Type", "content-TYPE"));
  CHECK_FALSE(equal_ignore_case_ascii("a", "ab"));
}

TEST_CASE("whole numbers") {
  CHECK(parse_int("0") == 0);
  CHECK(parse_int("-42") == -42);
  CHECK(parse_int("007") == 7);
  CHECK(parse_int("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_int("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "9223372036854775808"})
    CHECK_FALSE(parse_int(text).has_value());
  CHECK(parse_uint("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "-1", "+1", "18446744073709551616", "1x"}) CHECK_FALSE(parse_uint(text).has_value());
}

TEST_CASE("edit distance") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("flag", "falg") == 1);  // neighbours swapped
  CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("suggestions are close or absent") {
  const Strings words = {"agent", "render", "registry", "up"};
  CHECK(suggest("agnet", words) == "agent");
  CHECK(suggest("rendr", words) == "render");
  CHECK(suggest("registri", words) == "registry");
  CHECK_FALSE(suggest("deploy", words).has_value());
  CHECK_FALSE(suggest("x", words).has_value());
  CHECK_FALSE(suggest("agent", {}).has_value());
}

TEST_CASE("log values are quoted only when they must be") {
  CHECK(log_value("web-1:80") == "web-1:80");
  CHECK(log_value("") == R"("")");
  CHECK(log_value("two words") == R"("two words")");
  CHECK(log_value("a=b") == R"("a=b")");
  CHECK(log_value(R"(say "hi")") == R"("say \"hi\"")");
  CHECK(log_value("a\\b") == R"("a\\b")");
  CHECK(log_value("line\nnext\ttab\r") == R"("line\nnext\ttab\r")");
  CHECK(log_value(std::string_view("\x00\x1b[0m\x7f", 6)) == R"("\x00\x1b[0m\x7f")");
  CHECK(log_value("gr\u00fcn") == "gr\u00fcn");
}

}  // namespace
}  // namespace longshore::base
