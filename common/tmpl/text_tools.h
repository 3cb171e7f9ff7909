// Go's view of text: runes, quoting, unquoting, printable characters. Bytes that are not UTF-8 become U+FFFD of
// width 1.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace longshore::tmpl {

inline constexpr std::int32_t kRuneError = 0xFFFD;

struct DecodedRune {
  std::int32_t value = kRuneError;
  std::uint32_t width = 0;  // 0 only for empty text; 1 with kRuneError for a malformed byte
};
DecodedRune decode_rune(std::string_view text);
std::size_t rune_count(std::string_view text);
// Where `wanted` begins in `text`, npos = nowhere. In linear time, whatever both look like.
std::size_t find_text(std::string_view text, std::string_view wanted);
void append_rune(std::string& out, std::int32_t rune);  // invalid runes become U+FFFD
bool valid_rune(std::int32_t rune);

// Unicode classes as Go's unicode package has them. Wide tables: see unicode_tables.cpp.
bool is_letter(std::int32_t rune);
bool is_digit(std::int32_t rune);
bool is_printable(std::int32_t rune);  // strconv.IsPrint
bool is_space(std::int32_t rune);      // unicode.IsSpace
std::int32_t to_upper(std::int32_t rune);
std::int32_t to_lower(std::int32_t rune);
std::int32_t to_title(std::int32_t rune);

// strconv.Quote and friends.
std::string quote(std::string_view text, bool ascii_only = false);
std::string quote_rune(std::int32_t rune, bool ascii_only = false);
bool can_backquote(std::string_view text);
// strconv.Unquote of a token that the lexer has delimited; the error is Go's "invalid syntax".
std::expected<std::string, std::string> unquote(std::string_view quoted);
// The value of a character constant such as 'x' or '\n'. Errors in Go's words.
std::expected<std::int32_t, std::string> unquote_char(std::string_view quoted);

// %#U: U+0041 'A'
std::string describe_rune(std::int32_t rune);

}  // namespace longshore::tmpl
