// Go's quoted strings and characters, both ways.
#include <array>

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kInvalid = "invalid syntax";

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kHex[(value >> shift) & 0xF];
}

void append_escaped(std::string& out, std::int32_t rune, char mark, bool ascii_only) {
  if (rune == mark || rune == '\\') {
    out += '\\';
    out += static_cast<char>(rune);
    return;
  }
  if (is_printable(rune) && (!ascii_only || rune < 0x80)) return append_rune(out, rune);
  constexpr std::string_view kNamed = "\a\b\t\n\v\f\r";
  constexpr std::string_view kNames = "abtnvfr";
  if (rune < 0x80) {
    if (const auto at = kNamed.find(static_cast<char>(rune)); at != std::string_view::npos) {
      out += '\\';
      out += kNames[at];
      return;
    }
  }
  const auto value = static_cast<std::uint32_t>(rune);
  if (rune < ' ' || rune == 0x7F) {
    out += "\\x";
    append_hex(out, value, 2);
  } else if (rune < 0x10000) {
    out += "\\u";
    append_hex(out, value, 4);
  } else {
    out += "\\U";
    append_hex(out, value, 8);
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct Unescaped {
  std::int32_t rune = 0;
  bool is_byte = false;  // \xNN and \NNN stand for a byte, not for a code point
};

// One character or escape at the front of `text`, which is consumed. nullopt = Go's ErrSyntax.
std::expected<Unescaped, std::string> unquote_one(std::string_view& text, char mark) {
  const auto invalid = [] { return std::unexpected(std::string(kInvalid)); };
  if (text.empty() || text[0] == mark || text[0] == '\n') return invalid();
  if (text[0] != '\\') {
    const DecodedRune rune = decode_rune(text);
    const bool malformed = rune.value == kRuneError && rune.width == 1;
    const auto byte = static_cast<unsigned char>(text[0]);
    text.remove_prefix(rune.width);
    if (malformed) return Unescaped{byte, true};  // copied as it is
    return Unescaped{rune.value, false};
  }
  if (text.size() < 2) return invalid();
  const char kind = text[1];
  text.remove_prefix(2);
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\";
  if (const auto at = kNames.find(kind); at != std::string_view::npos) return Unescaped{kValues[at], false};
  if (kind == '\'' || kind == '"') {
    if (kind != mark) return invalid();
    return Unescaped{kind, false};
  }
  if (kind == 'x' || kind == 'u' || kind == 'U') {
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    if (text.size() < digits) return invalid();
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const int digit = hex_value(text[i]);
      if (digit < 0) return invalid();
      value = value << 4 | static_cast<std::uint32_t>(digit);
    }
    text.remove_prefix(digits);
    if (kind == 'x') return Unescaped{static_cast<std::int32_t>(value), true};
    if (value > 0x10FFFF || !valid_rune(static_cast<std::int32_t>(value))) return invalid();
    return Unescaped{static_cast<std::int32_t>(value), false};
  }
  if (kind >= '0' && kind <= '7') {
    if (text.size() < 2) return invalid();
    std::int32_t value = kind - '0';
    for (std::size_t i = 0; i < 2; ++i) {
      if (text[i] < '0' || text[i] > '7') return invalid();
      value = value * 8 + (text[i] - '0');
    }
    if (value > 255) return invalid();
    text.remove_prefix(2);
    return Unescaped{value, true};
  }
  return invalid();
}

}  // namespace

std::string quote(std::string_view text, bool ascii_only) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    if (rune.value == kRuneError && rune.width == 1) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[0]), 2);
    } else {
      append_escaped(out, rune.value, '"', ascii_only);
    }
    text.remove_prefix(rune.width);
  }
  out += '"';
  return out;
}

std::string quote_rune(std::int32_t rune, bool ascii_only) {
  std::string out = "'";
  append_escaped(out, valid_rune(rune) ? rune : kRuneError, '\'', ascii_only);
  out += '\'';
  return out;
}

bool can_backquote(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    text.remove_prefix(rune.width);
    if (rune.width > 1) {
      if (rune.value == 0xFEFF) return false;
      continue;
    }
    if (rune.value == kRuneError) return false;
    if ((rune.value < ' ' && rune.value != '\t') || rune.value == '`' || rune.value == 0x7F) return false;
  }
  return true;
}

std::expected<std::string, std::string> unquote(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != quoted.back()) return std::unexpected(std::string(kInvalid));
  const char mark = quoted.front();
  std::string_view body = quoted.substr(1, quoted.size() - 2);
  std::string out;
  out.reserve(body.size());
  if (mark == '`') {
    // Go drops carriage returns from raw strings.
    for (const char c : body)
      if (c != '\r') out += c;
    return out;
  }
  while (!body.empty()) {
    const auto one = unquote_one(body, mark);
    if (!one) return std::unexpected(one.error());
    if (one->is_byte)
      out += static_cast<char>(one->rune);
    else
      append_rune(out, one->rune);
  }
  return out;
}

std::expected<std::int32_t, std::string> unquote_char(std::string_view quoted) {
  std::string_view body = quoted.substr(1);
  const bool malformed_byte =
      !body.empty() && body[0] != '\\' && decode_rune(body).width == 1 && decode_rune(body).value == kRuneError;
  const auto one = unquote_one(body, '\'');
  if (!one) return std::unexpected(one.error());
  if (body != "'") return std::unexpected("malformed character constant: " + std::string(quoted));
  return malformed_byte ? kRuneError : one->rune;
}

std::string describe_rune(std::int32_t rune) {
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  std::string digits;
  auto value = static_cast<std::uint64_t>(static_cast<std::int64_t>(rune));
  do {
    digits.insert(digits.begin(), kUpper[value & 0xF]);
    value >>= 4;
  } while (value != 0);
  while (digits.size() < 4) digits.insert(digits.begin(), '0');
  std::string out = "U+" + digits;
  if (rune >= 0 && is_printable(rune)) {
    out += " '";
    append_rune(out, rune);
    out += "'";
  }
  return out;
}

}  // namespace longshore::tmpl
