#include "common/hcl/json_reader.h"

#include "common/hcl/parser.h"
#include "common/hcl/reader.h"

namespace longshore::hcl {
namespace {

std::string found(char32_t rune) {
  if (rune == kEnd) return "the end of the file";
  std::string out = "'";
  append_utf8(out, rune);
  return out + '\'';
}

Value empty_value(Kind kind, Position position) {
  return Value{.kind = kind, .position = position, .text = {}, .elements = {}, .items = {}};
}

}  // namespace

Parsed<Value> JsonReader::file() {
  skip_space();
  LS_HCL_TRY(root, value());
  skip_space();
  if (!cursor_.at_end())
    return syntax_error(cursor_.position(), "expected the end of the file, found " + found(cursor_.peek()));
  return std::move(root);
}

void JsonReader::skip_space() {
  for (char32_t rune = cursor_.peek(); rune == U' ' || rune == U'\t' || rune == U'\n' || rune == U'\r';
       rune = cursor_.peek())
    cursor_.next();
}

Parsed<Value> JsonReader::value() {
  const Position start = cursor_.position();
  const char32_t rune = cursor_.peek();
  if (rune == U'{' || rune == U'[') {
    if (++depth_ > kMaxDepth)
      return std::unexpected(SyntaxError{start, "more than " + std::to_string(kMaxDepth) + " levels deep", true});
    auto out = rune == U'{' ? object() : list();
    --depth_;
    return out;
  }
  if (rune == U'"') {
    LS_HCL_TRY(text, quoted());
    Value out = empty_value(Kind::string, start);
    out.text = std::move(text);
    return out;
  }
  if (is_digit(rune) || rune == U'-') return number();
  return word();
}

Parsed<Value> JsonReader::object() {
  Value out = empty_value(Kind::object, cursor_.position());
  cursor_.next();
  for (;;) {
    skip_space();
    const Position here = cursor_.position();
    if (cursor_.peek() == U'}') break;
    if (cursor_.peek() != U'"')
      return syntax_error(here, "expected a name in double quotes, found " + found(cursor_.peek()));
    LS_HCL_TRY(name, quoted());
    skip_space();
    if (cursor_.peek() != U':')
      return syntax_error(cursor_.position(), "expected ':' after \"" + name + "\", found " + found(cursor_.peek()));
    cursor_.next();
    skip_space();
    LS_HCL_TRY(member, value());
    out.items.push_back(Item{{Key{std::move(name), here}}, std::move(member)});
    LS_HCL_TRY_STATUS(separator(U'}', out.position));
  }
  cursor_.next();
  return out;
}

Parsed<Value> JsonReader::list() {
  Value out = empty_value(Kind::list, cursor_.position());
  cursor_.next();
  for (;;) {
    skip_space();
    if (cursor_.peek() == U']') break;
    LS_HCL_TRY(element, value());
    out.elements.push_back(std::move(element));
    LS_HCL_TRY_STATUS(separator(U']', out.position));
  }
  cursor_.next();
  return out;
}

Parsed<void> JsonReader::separator(char32_t closing, Position opening) {
  skip_space();
  const char32_t rune = cursor_.peek();
  if (rune == U',') {
    cursor_.next();
    return {};
  }
  if (rune == closing) return {};
  if (rune == kEnd) return syntax_error(opening, "this " + found(closing == U'}' ? U'{' : U'[') + " is never closed");
  return syntax_error(cursor_.position(), "expected ',' or " + found(closing) + ", found " + found(rune));
}

Parsed<Value> JsonReader::number() {
  const Position start = cursor_.position();
  const std::size_t from = cursor_.offset();
  bool floating = false;
  if (cursor_.peek() == U'-') cursor_.next();
  for (char32_t rune = cursor_.peek();
       is_digit(rune) || rune == U'.' || rune == U'e' || rune == U'E' || rune == U'+' || rune == U'-';
       rune = cursor_.peek()) {
    floating = floating || !is_digit(rune);
    cursor_.next();
  }
  const std::string written(cursor_.since(from));
  const std::string_view digits = std::string_view(written).substr(written.starts_with('-') ? 1 : 0);
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
    return syntax_error(start, written + ": numbers in JSON cannot start with 0 (write octal ones as a string)");
  return number_value(start, written, floating);
}

Parsed<Value> JsonReader::word() {
  const Position start = cursor_.position();
  const std::size_t from = cursor_.offset();
  while (cursor_.peek() >= U'a' && cursor_.peek() <= U'z') cursor_.next();
  const std::string_view text = cursor_.since(from);
  Value out = empty_value(Kind::boolean, start);
  out.boolean = text == "true";
  if (text == "true" || text == "false") return out;
  if (text == "null") return empty_value(Kind::null, start);
  return syntax_error(
      start, "expected a value, found " + (text.empty() ? found(cursor_.peek()) : "'" + std::string(text) + "'"));
}

Parsed<std::string> JsonReader::quoted() {
  const Position start = cursor_.position();
  std::string out;
  cursor_.next();
  for (;;) {
    const Position here = cursor_.position();
    const char32_t rune = cursor_.next();
    if (rune == U'"') return out;
    if (rune == kEnd || rune == U'\n') return syntax_error(start, "this string has no end on its line");
    if (rune != U'\\') {
      append_utf8(out, rune);
      continue;
    }
    constexpr std::u32string_view kLetters = U"\"\\/abfnrtv";
    constexpr std::string_view kMeanings = "\"\\/\a\b\f\n\r\t\v";
    const char32_t letter = cursor_.next();
    if (const auto at = kLetters.find(letter); at != std::u32string_view::npos) {
      out += kMeanings[at];
    } else if (letter == U'u') {
      LS_HCL_TRY(unit, escaped_unit(here));
      append_utf8(out, unit);
    } else {
      return syntax_error(here, "unknown escape (a backslash itself is written \\\\)");
    }
  }
}

// After \u: four digits, and the second half of a surrogate pair if this is a first one.
Parsed<char32_t> JsonReader::escaped_unit(Position start) {
  const auto four_digits = [this]() -> std::int32_t {
    std::int32_t value = 0;
    for (int index = 0; index < 4; ++index) {
      const char32_t rune = cursor_.peek();
      const std::int32_t digit = is_digit(rune)                 ? static_cast<std::int32_t>(rune - U'0')
                                 : rune >= U'a' && rune <= U'f' ? static_cast<std::int32_t>(rune - U'a') + 10
                                 : rune >= U'A' && rune <= U'F' ? static_cast<std::int32_t>(rune - U'A') + 10
                                                                : -1;
      if (digit < 0) return -1;
      cursor_.next();
      value = value * 16 + digit;
    }
    return value;
  };
  const std::int32_t first = four_digits();
  if (first < 0) return syntax_error(start, "\\u takes 4 hexadecimal digits");
  if (first < 0xD800 || first > 0xDBFF || cursor_.peek() != U'\\' || cursor_.peek_second() != U'u')
    return static_cast<char32_t>(first);
  cursor_.next();
  cursor_.next();
  const std::int32_t second = four_digits();
  if (second < 0xDC00 || second > 0xDFFF) return syntax_error(start, "half of a character: \\u escapes do not pair");
  return static_cast<char32_t>(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
}

}  // namespace longshore::hcl
