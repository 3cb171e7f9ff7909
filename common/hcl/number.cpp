#include <charconv>

#include "common/hcl/parser.h"

namespace longshore::hcl {

Parsed<Value> number_value(Position position, const std::string& written, bool floating) {
  Value out{.kind = floating ? Kind::floating : Kind::integer,
            .position = position,
            .text = written,
            .elements = {},
            .items = {}};
  std::string_view rest = written;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const auto finished = [&](std::from_chars_result result) {
    return result.ec == std::errc() && result.ptr == rest.data() + rest.size();
  };
  if (floating) {
    if (!finished(std::from_chars(rest.data(), rest.data() + rest.size(), out.floating)))
      return syntax_error(position, written + " is not a number that we can hold");
    if (negative) out.floating = -out.floating;
    return out;
  }
  int base = 10;
  if (rest.starts_with("0x") || rest.starts_with("0X")) {
    base = 16;
    rest.remove_prefix(2);
  } else if (rest.size() > 1 && rest.starts_with('0')) {
    base = 8;
  }
  std::uint64_t magnitude = 0;
  const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), magnitude, base);
  if (result.ec == std::errc::result_out_of_range ||
      (finished(result) && magnitude > (std::uint64_t{1} << 63) - !negative))
    return syntax_error(position, written + " does not fit into 64 bits");
  if (!finished(result)) {
    const std::string_view kind = base == 8 ? "octal (it starts with 0)" : base == 16 ? "hexadecimal" : "decimal";
    return syntax_error(position, written + " is not a valid " + std::string(kind) + " number");
  }
  out.integer = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return out;
}

}  // namespace longshore::hcl
