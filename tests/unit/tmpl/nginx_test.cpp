#include <doctest/doctest.h>

#include "tests/unit/tmpl/tmpl_support.h"

namespace {

using longshore::tmpl::Value;
using longshore::tmpl::testing::render;

std::string quoted(std::string text) {
  return render("{{nginxQuote .}}", Value::string(std::move(text)));
}
std::string named(std::string text) {
  return render("{{nginxName .}}", Value::string(std::move(text)));
}

}  // namespace

TEST_CASE("nginxQuote leaves no way out of the string") {
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("plain text; with {braces} # and 'quotes'") == "\"plain text; with {braces} # and 'quotes'\"");
  CHECK(quoted("a\"; return 200 \"b") == "\"a\\\"; return 200 \\\"b\"");
  CHECK(quoted("ends with \\") == "\"ends with \\\\\"");
  CHECK(quoted("$host ${x}") == "\"\xEF\xBC\x84host \xEF\xBC\x84{x}\"");
  CHECK(quoted("a\nb\rc\td") == "\"a\\nb\\rc\\td\"");
  CHECK(quoted(std::string("nul\0esc\x1b", 8)) == "\"nul esc \"");
  CHECK(quoted("日本") == "\"日本\"");
}

TEST_CASE("nginxName is one token") {
  CHECK(named("web-1.example_x") == "web-1.example_x");
  CHECK(named("") == "_");
  const std::string slash = named("a/b");
  CHECK(slash.starts_with("a_b-"));
  CHECK(slash.size() == 12);
  CHECK(slash != named("a b"));
  CHECK(slash == named("a/b"));
  CHECK(
      named("x; }\nserver {").find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
      std::string::npos);
}
