// Text to tokens of HCL 1. Source of the rules: HashiCorp's hcl v1, hcl/scanner and hcl/token.
#pragma once
#include <string>
#include <string_view>

#include "common/hcl/cursor.h"
#include "common/hcl/syntax_error.h"

namespace longshore::hcl {

enum class TokenKind {
  end,
  identifier,
  boolean,
  integer,
  floating,
  string,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  comma,
  assign,
};

struct Token {
  TokenKind kind = TokenKind::end;
  Position position;
  std::string text;  // of strings and here-documents their value, of others what is written
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : cursor_(text) {}
  // After the end it goes on giving `end`.
  Parsed<Token> next();

 private:
  Parsed<void> skip_space_and_comments();
  Parsed<Token> identifier();
  Parsed<Token> number();
  Parsed<Token> quoted();
  Parsed<void> interpolation(std::string& out, Position start);
  Parsed<void> escape(std::string& out);
  Parsed<void> digits(std::string& out, Position start, char32_t letter);
  Parsed<Token> heredoc();

  Cursor cursor_;
};

// "a string", "'='", "the end of the file": what errors call a token.
std::string describe(const Token& token);

}  // namespace longshore::hcl
