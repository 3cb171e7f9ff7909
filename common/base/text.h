// Small string tools that half the folders need. All pure; bytes unless a name says UTF-8.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::base {

// "a,b,," by ',' -> {"a","b","",""}; "" -> {""} (as Go's strings.Split).
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// ASCII white space only.
std::string_view trim(std::string_view text);
std::string to_lower_ascii(std::string_view text);
bool equal_ignore_case_ascii(std::string_view left, std::string_view right);

// The whole text is a base-10 integer of the range; no sign for the unsigned form, no space, no overflow.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<std::uint64_t> parse_uint(std::string_view text);

bool valid_utf8(std::string_view text);
// Every malformed byte becomes U+FFFD; well-formed text is returned unchanged.
std::string replace_invalid_utf8(std::string_view text);

// Damerau-Levenshtein distance; for suggestions on typos.
std::size_t edit_distance(std::string_view left, std::string_view right);
// The closest candidate at a distance of at most 2 (and less than the word's length), else nothing.
std::optional<std::string> suggest(std::string_view word, const std::vector<std::string>& candidates);

// A value for a key=value log line: quoted (Go-like escapes) when it is empty or has space, '=', '"' or control bytes.
std::string log_value(std::string_view text);

}  // namespace longshore::base
