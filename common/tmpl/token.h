// What the lexer hands to the parser.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace longshore::tmpl {

enum class TokenKind : std::uint8_t {
  error,          // `text` is the message
  boolean,        // true, false
  character,      // a printable ASCII character with no meaning of its own, such as a comma
  char_constant,  // 'x'
  complex,        // 1+2i; a lone imaginary is a number
  assign,         // =
  declare,        // :=
  end_of_file,
  field,  // .Name
  identifier,
  left_delimiter,
  left_paren,
  number,
  pipe,
  raw_string,  // with its back quotes
  right_delimiter,
  right_paren,
  space,
  string,    // with its quotes
  text,      // between actions
  variable,  // $ or $name
  // Keywords are below; is_keyword() relies on it.
  block,
  break_,
  continue_,
  dot,
  define,
  else_,
  end,
  if_,
  nil,
  range,
  template_,
  with,
};

constexpr bool is_keyword(TokenKind kind) {
  return kind >= TokenKind::block;
}

struct Token {
  TokenKind kind = TokenKind::error;
  std::uint32_t offset = 0;  // of the first byte
  std::uint32_t line = 0;    // from 1, at the start of the token
  std::string_view text;     // into the source, or into the lexer's message for errors
};

// As Go's error texts name a token: EOF, <range>, "text", "at most t"...
std::string describe(const Token& token);

}  // namespace longshore::tmpl
