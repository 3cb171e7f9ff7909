// Numbers to text and back as Go's strconv does it.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace longshore::tmpl {

enum class NumberError { syntax, range };

// `base` 0: by prefix (0x 0o 0b 0), underscores allowed; 10: digits only. A sign is part of parse_int only.
std::expected<std::uint64_t, NumberError> parse_uint(std::string_view text, int base);
std::expected<std::int64_t, NumberError> parse_int(std::string_view text, int base);
// Decimal or hexadecimal, underscores as in Go source, inf and nan. Too large is a range error, too small is 0.
std::expected<double, NumberError> parse_float(std::string_view text);

// strconv.AppendFloat: verb e E f g G b x X; precision -1 = as few digits as identify the number; bits 32 or 64.
void append_float(std::string& out, double value, char verb, int precision, int bits);

}  // namespace longshore::tmpl
