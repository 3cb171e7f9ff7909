#include "common/tmpl/lexer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace longshore::tmpl;

// Tokens as "kind:text" with short kind names; the error's message stands for its text.
std::vector<std::string> scan(std::string_view input, std::string_view left = {}, std::string_view right = {}) {
  Lexer lexer(input, left, right, false, false);
  std::vector<std::string> out;
  for (;;) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::end_of_file) return out;
    std::string kind = is_keyword(token.kind) ? "key" : "?";
    switch (token.kind) {
      case TokenKind::error:
        kind = "error";
        break;
      case TokenKind::text:
        kind = "text";
        break;
      case TokenKind::left_delimiter:
        kind = "{";
        break;
      case TokenKind::right_delimiter:
        kind = "}";
        break;
      case TokenKind::space:
        kind = "sp";
        break;
      case TokenKind::identifier:
        kind = "id";
        break;
      case TokenKind::field:
        kind = "field";
        break;
      case TokenKind::variable:
        kind = "var";
        break;
      case TokenKind::number:
        kind = "num";
        break;
      case TokenKind::string:
        kind = "str";
        break;
      default:
        break;
    }
    out.push_back(kind + ":" + std::string(token.text));
    if (token.kind == TokenKind::error) return out;
  }
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("text and actions") {
  CHECK(scan("") == Words{});
  CHECK(scan("now") == Words{"text:now"});
  CHECK(scan("a{{b}}c") == Words{"text:a", "{:{{", "id:b", "}:}}", "text:c"});
  CHECK(scan("{{.x.y $z $}}") == Words{"{:{{", "field:.x", "field:.y", "sp: ", "var:$z", "sp: ", "var:$", "}:}}"});
  CHECK(scan("{{if 1}}") == Words{"{:{{", "key:if", "sp: ", "num:1", "}:}}"});
}

TEST_CASE("trim markers take the white space around an action") {
  CHECK(scan("a \n {{- 1 -}} \t b") == Words{"text:a", "{:{{", "num:1", "}:}}", "text:b"});
  CHECK(scan("a {{-1}}") == Words{"text:a ", "{:{{", "num:-1", "}:}}"});
  CHECK(scan("a {{- /* x */ -}} b") == Words{"text:a", "text:b"});
  CHECK(scan("{{1  -}} b") == Words{"{:{{", "num:1", "sp: ", "}:}}", "text:b"});
}

TEST_CASE("other delimiters") {
  CHECK(scan("a<%b%>{{c", "<%", "%>") == Words{"text:a", "{:<%", "id:b", "}:%>", "text:{{c"});
  CHECK(scan("$$1@@", "$$", "@@") == Words{"{:$$", "num:1", "}:@@"});
}

TEST_CASE("lines and offsets") {
  Lexer lexer("one\n{{\n  .x}}", {}, {}, false, false);
  CHECK(lexer.next().line == 1);
  const Token delimiter = lexer.next();
  CHECK(delimiter.line == 2);
  CHECK(delimiter.offset == 4);
  CHECK(lexer.next().kind == TokenKind::space);
  const Token field = lexer.next();
  CHECK(field.line == 3);
  CHECK(field.offset == 9);
}

TEST_CASE("errors") {
  CHECK(scan("{{\x01}}") == Words{"{:{{", "error:unrecognized character in action: U+0001"});
  CHECK(scan("{{(").back() == "error:unclosed action");
  CHECK(scan("{{(}}").back() == "error:unclosed left paren");
  CHECK(scan("{{)}}").back() == "error:unexpected right paren");
  CHECK(scan("{{\"a\n\"}}").back() == "error:unterminated quoted string");
  CHECK(scan("{{`a").back() == "error:unterminated raw quoted string");
  CHECK(scan("{{'\n").back() == "error:unterminated character constant");
  CHECK(scan("{{3k}}").back() == "error:bad number syntax: \"3k\"");
  CHECK(scan("{{a:b}}").back() == "error:expected :=");
  CHECK(scan("{{a&b}}").back() == "error:bad character U+0026 '&'");
  CHECK(scan("{{/*").back() == "error:unclosed comment");
  CHECK(scan("{{/* a */b}}").back() == "error:comment ends before closing delimiter");
}

TEST_CASE("an error is final") {
  Lexer lexer("{{(", {}, {}, false, false);
  Token token;
  for (int i = 0; i < 10; ++i) token = lexer.next();
  CHECK(token.kind == TokenKind::error);
}

TEST_CASE("tokens in words") {
  CHECK(describe({TokenKind::range, 0, 1, "range"}) == "<range>");
  CHECK(describe({TokenKind::end_of_file, 0, 1, ""}) == "EOF");
  CHECK(describe({TokenKind::text, 0, 1, "short"}) == "\"short\"");
  CHECK(describe({TokenKind::text, 0, 1, "0123456789abc"}) == "\"0123456789\"...");
}
