#include "common/hcl/lexer.h"

#include <optional>

namespace longshore::hcl {
namespace {

bool is_letter(char32_t rune) {
  return (rune >= U'a' && rune <= U'z') || (rune >= U'A' && rune <= U'Z') || rune == U'_';
}
bool is_space(char32_t rune) {
  return rune == U' ' || rune == U'\t' || rune == U'\n' || rune == U'\r';
}

std::optional<TokenKind> punctuation(char32_t rune) {
  switch (rune) {
    case U'{':
      return TokenKind::left_brace;
    case U'}':
      return TokenKind::right_brace;
    case U'[':
      return TokenKind::left_bracket;
    case U']':
      return TokenKind::right_bracket;
    case U',':
      return TokenKind::comma;
    case U'=':
      return TokenKind::assign;
    default:
      return std::nullopt;
  }
}

std::string unexpected_character(char32_t rune) {
  if (rune == U'\'') return "strings take double quotes, not single ones";
  if (rune == U'\u201C' || rune == U'\u201D' || rune == U'\u2018' || rune == U'\u2019')
    return "a typographic quote; strings take plain double quotes";
  if (rune == U':') return "unexpected ':' (HCL assigns with '='; a JSON file starts with '{')";
  std::string text = "unexpected character ";
  if (rune < 0x20 || rune == 0x7F) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    return text + "0x" + kHex[rune >> 4] + kHex[rune & 15];
  }
  text += '\'';
  append_utf8(text, rune);
  return text + '\'';
}

}  // namespace

Parsed<void> Lexer::skip_space_and_comments() {
  for (;;) {
    while (is_space(cursor_.peek())) cursor_.next();
    const Position start = cursor_.position();
    const char32_t rune = cursor_.peek();
    if (rune == U'/' && cursor_.peek_second() == U'*') {
      cursor_.next();
      cursor_.next();
      while (!(cursor_.peek() == U'*' && cursor_.peek_second() == U'/'))
        if (cursor_.next() == kEnd) return syntax_error(start, "this comment has no end: '*/' is missing");
      cursor_.next();
      cursor_.next();
    } else if (rune == U'#' || (rune == U'/' && cursor_.peek_second() == U'/')) {
      while (cursor_.peek() != U'\n' && cursor_.peek() != kEnd) cursor_.next();
    } else {
      return {};
    }
  }
}

Parsed<Token> Lexer::next() {
  LS_HCL_TRY_STATUS(skip_space_and_comments());
  const Position start = cursor_.position();
  const char32_t rune = cursor_.peek();
  if (rune == kEnd) return Token{TokenKind::end, start, {}};
  if (is_letter(rune)) return identifier();
  if (is_digit(rune) || ((rune == U'-' || rune == U'.') && is_digit(cursor_.peek_second()))) return number();
  if (rune == U'"') return quoted();
  if (rune == U'<') return heredoc();
  if (const auto kind = punctuation(rune)) {
    cursor_.next();
    return Token{*kind, start, std::string(1, static_cast<char>(rune))};
  }
  return syntax_error(start, unexpected_character(rune));
}

Parsed<Token> Lexer::identifier() {
  const Position start = cursor_.position();
  const std::size_t from = cursor_.offset();
  const auto part = [](char32_t rune) { return is_letter(rune) || is_digit(rune) || rune == U'-' || rune == U'.'; };
  while (part(cursor_.peek())) cursor_.next();
  const std::string text(cursor_.since(from));
  return Token{text == "true" || text == "false" ? TokenKind::boolean : TokenKind::identifier, start, text};
}

// 10, -10, 0x1F, 0600 (octal), 1.5, .5, 1e-3. The parser judges digits and range.
Parsed<Token> Lexer::number() {
  const Position start = cursor_.position();
  const std::size_t from = cursor_.offset();
  bool floating = false;
  const auto skip_digits = [this] {
    while (is_digit(cursor_.peek())) cursor_.next();
  };
  if (cursor_.peek() == U'-') cursor_.next();
  const char32_t second = cursor_.peek_second();
  if (cursor_.peek() == U'0' && (second == U'x' || second == U'X')) {
    cursor_.next();
    cursor_.next();
    while (is_letter(cursor_.peek()) || is_digit(cursor_.peek())) cursor_.next();
    return Token{TokenKind::integer, start, std::string(cursor_.since(from))};
  }
  skip_digits();
  if (cursor_.peek() == U'.') {
    floating = true;
    cursor_.next();
    skip_digits();
  }
  if (cursor_.peek() == U'e' || cursor_.peek() == U'E') {
    floating = true;
    cursor_.next();
    if (cursor_.peek() == U'+' || cursor_.peek() == U'-') cursor_.next();
    skip_digits();
  }
  if (is_letter(cursor_.peek())) {
    while (is_letter(cursor_.peek()) || is_digit(cursor_.peek())) cursor_.next();
    const std::string text(cursor_.since(from));
    return syntax_error(start, text + " is not a number; durations and sizes are strings: \"" + text + "\"");
  }
  return Token{floating ? TokenKind::floating : TokenKind::integer, start, std::string(cursor_.since(from))};
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      return "the end of the file";
    case TokenKind::identifier:
      return "the word '" + token.text + "'";
    case TokenKind::boolean:
      return token.text;
    case TokenKind::integer:
    case TokenKind::floating:
      return "the number " + token.text;
    case TokenKind::string:
      return "a string";
    default:
      return "'" + token.text + "'";
  }
}

}  // namespace longshore::hcl
