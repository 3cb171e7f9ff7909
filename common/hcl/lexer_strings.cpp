// Quoted strings and here-documents.
#include <algorithm>

#include "common/base/text.h"
#include "common/hcl/lexer.h"

namespace longshore::hcl {
namespace {

int digit_value(char32_t rune) {
  if (rune >= U'0' && rune <= U'9') return static_cast<int>(rune - U'0');
  if (rune >= U'a' && rune <= U'f') return static_cast<int>(rune - U'a') + 10;
  if (rune >= U'A' && rune <= U'F') return static_cast<int>(rune - U'A') + 10;
  return 16;
}

bool anchor_part(char32_t rune) {
  return (rune >= U'a' && rune <= U'z') || (rune >= U'A' && rune <= U'Z') || rune == U'_' ||
         (rune >= U'0' && rune <= U'9');
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\v\f") == std::string_view::npos;
}

std::string_view without_cr(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// <<-: takes the white space before the closing anchor from every line, or from none if one line has less.
std::string unindent(const std::vector<std::string>& lines, std::string_view indent) {
  const bool all = std::ranges::all_of(lines, [indent](const auto& line) { return line.starts_with(indent); });
  std::string out;
  for (const auto& line : lines) {
    out += all ? std::string_view(line).substr(indent.size()) : line;
    out += '\n';
  }
  return out;
}

}  // namespace

Parsed<Token> Lexer::quoted() {
  const Position start = cursor_.position();
  Token token{TokenKind::string, start, {}};
  cursor_.next();
  for (;;) {
    const char32_t rune = cursor_.peek();
    if (rune == kEnd || rune == U'\n')
      return syntax_error(start, "this string has no end on its line (use \\n, or a here-document: <<EOF)");
    if (rune == U'$' && cursor_.peek_second() == U'{') {
      LS_HCL_TRY_STATUS(interpolation(token.text, start));
    } else if (rune == U'\\') {
      LS_HCL_TRY_STATUS(escape(token.text));
    } else {
      cursor_.next();
      if (rune == U'"') return token;
      append_utf8(token.text, rune);
    }
  }
}

// ${..} stays as it is written, quotes, line feeds and escapes included.
Parsed<void> Lexer::interpolation(std::string& out, Position start) {
  int braces = 0;
  do {
    const Position here = cursor_.position();
    const char32_t rune = cursor_.next();
    if (rune == kEnd) return syntax_error(start, "this string has no end: '}' of \"${\" is missing");
    append_utf8(out, rune);
    if (rune == U'{') ++braces;
    if (rune == U'}') --braces;
    if (rune == U'\\') {
      const char32_t escaped = cursor_.peek();
      constexpr std::u32string_view kAllowed = U"abfnrtv\\\"01234567xuU";
      if (kAllowed.find(escaped) == std::u32string_view::npos) return syntax_error(here, "unknown escape in \"${\"");
      append_utf8(out, cursor_.next());
    }
  } while (braces > 0 || out.back() == '$');
  return {};
}

Parsed<void> Lexer::escape(std::string& out) {
  const Position start = cursor_.position();
  cursor_.next();
  const char32_t letter = cursor_.peek();
  constexpr std::u32string_view kLetters = U"abfnrtv\\\"";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
  if (const auto at = kLetters.find(letter); at != std::u32string_view::npos) {
    cursor_.next();
    out += kMeanings[at];
    return {};
  }
  if (letter == U'x' || letter == U'u' || letter == U'U' || (letter >= U'0' && letter <= U'7'))
    return digits(out, start, letter);
  std::string text = "unknown escape '\\";
  if (letter != kEnd) append_utf8(text, letter);
  return syntax_error(start, text + "' (a backslash itself is written \\\\)");
}

// \nnn octal and \xnn give a byte, \unnnn and \Unnnnnnnn a character.
Parsed<void> Lexer::digits(std::string& out, Position start, char32_t letter) {
  const bool octal = letter >= U'0' && letter <= U'7';
  const int base = octal ? 8 : 16;
  const int count = octal ? 3 : letter == U'x' ? 2 : letter == U'u' ? 4 : 8;
  if (!octal) cursor_.next();
  std::uint64_t value = 0;
  for (int index = 0; index < count; ++index) {
    const int digit = digit_value(cursor_.peek());
    if (digit >= base)
      return syntax_error(
          start, "this escape takes " + std::to_string(count) + (octal ? " octal" : " hexadecimal") + " digits");
    cursor_.next();
    value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
  }
  const bool byte = octal || letter == U'x';
  if (value > (byte ? 0xFFu : 0x10FFFFu)) return syntax_error(start, "this escape is no character");
  if (byte)
    out += static_cast<char>(value);
  else
    append_utf8(out, static_cast<char32_t>(value));
  return {};
}

Parsed<Token> Lexer::heredoc() {
  const Position start = cursor_.position();
  cursor_.next();
  if (cursor_.next() != U'<') return syntax_error(start, "unexpected '<' (a here-document starts with <<)");
  const bool indented = cursor_.peek() == U'-';
  if (indented) cursor_.next();
  const std::size_t anchor_start = cursor_.offset();
  while (anchor_part(cursor_.peek())) cursor_.next();
  const std::string_view anchor = cursor_.since(anchor_start);
  if (anchor.empty()) return syntax_error(start, "a here-document needs a word after <<");
  while (cursor_.peek() == U'\r') cursor_.next();
  if (const char32_t after = cursor_.next(); after != U'\n' && after != kEnd)
    return syntax_error(start, "only the word may follow << on this line");
  std::vector<std::string> lines;
  while (!cursor_.at_end()) {
    std::string line;
    while (cursor_.peek() != U'\n' && cursor_.peek() != kEnd) append_utf8(line, cursor_.next());
    cursor_.next();
    const std::string_view visible = without_cr(line);
    if (!visible.ends_with(anchor) || !blank(visible.substr(0, visible.size() - anchor.size()))) {
      lines.push_back(std::move(line));
      continue;
    }
    const std::string_view indent = visible.substr(0, visible.size() - anchor.size());
    if (indented) return Token{TokenKind::string, start, unindent(lines, indent)};
    lines.emplace_back(indent);  // hcl v1 keeps the white space before the anchor
    return Token{TokenKind::string, start, base::join(lines, "\n")};
  }
  return syntax_error(start, "this here-document has no end: a line with only " + std::string(anchor) + " is missing");
}

}  // namespace longshore::hcl
