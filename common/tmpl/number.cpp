// Go's numeric constants: prefixes, underscores, hexadecimal floats, characters and complex numbers.
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "common/tmpl/numbers.h"
#include "common/tmpl/parser.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

// float64(int64(f)) == f for a float that has no fraction and fits.
bool fits_int(double value) {
  return value == std::trunc(value) && value >= -0x1p63 && value < 0x1p63;
}
bool fits_uint(double value) {
  return value == std::trunc(value) && value >= 0 && value < 0x1p64;
}

void set_real(NumberNode& node, double value) {
  node.is_float = true;
  node.float_value = value;
  node.is_int = fits_int(value);
  if (node.is_int) node.int_value = static_cast<std::int64_t>(value);
  node.is_uint = fits_uint(value);
  if (node.is_uint) node.uint_value = static_cast<std::uint64_t>(value);
}

std::expected<NumberNode, std::string> complex_number(NumberNode node, std::complex<double> value) {
  node.is_complex = true;
  node.complex_value = value;
  if (value.imag() == 0) set_real(node, value.real());
  return node;
}

std::expected<NumberNode, std::string> complex_pair(NumberNode node) {
  // The sign between the parts is the last one that does not belong to an exponent.
  const std::string_view text = node.text;
  std::size_t split = std::string_view::npos;
  for (std::size_t i = 1; i < text.size(); ++i)
    if ((text[i] == '+' || text[i] == '-') && std::string_view("eEpP").find(text[i - 1]) == std::string_view::npos)
      split = i;
  if (split == std::string_view::npos) return std::unexpected("syntax error scanning complex number");
  const auto real = parse_float(text.substr(0, split));
  const auto imaginary = parse_float(text.substr(split, text.size() - split - 1));
  if (!real || !imaginary) return std::unexpected("syntax error scanning complex number");
  return complex_number(std::move(node), {*real, *imaginary});
}

std::expected<NumberNode, std::string> classify(const Token& token) {
  NumberNode node;
  node.text = std::string(token.text);
  if (token.kind == TokenKind::char_constant) {
    const auto rune = unquote_char(token.text);
    if (!rune) return std::unexpected(rune.error());
    node.is_int = node.is_uint = node.is_float = true;
    node.int_value = *rune;
    node.uint_value = static_cast<std::uint64_t>(*rune);
    node.float_value = *rune;
    return node;
  }
  if (token.kind == TokenKind::complex) return complex_pair(std::move(node));
  if (node.text.ends_with('i')) {
    if (const auto imaginary = parse_float(std::string_view(node.text).substr(0, node.text.size() - 1)))
      return complex_number(std::move(node), {0, *imaginary});
  }
  if (const auto value = parse_uint(node.text, 0)) {
    node.is_uint = true;
    node.uint_value = *value;
  }
  if (const auto value = parse_int(node.text, 0)) {
    node.is_int = true;
    node.int_value = *value;
    if (*value == 0) node.is_uint = true;  // -0
  }
  if (node.is_int) {
    node.is_float = true;
    node.float_value = static_cast<double>(node.int_value);
  } else if (node.is_uint) {
    node.is_float = true;
    node.float_value = static_cast<double>(node.uint_value);
  } else if (const auto value = parse_float(node.text)) {
    if (node.text.find_first_of(".eEpP") == std::string::npos)
      return std::unexpected("integer overflow: " + quote(node.text));
    set_real(node, *value);
  } else {
    return std::unexpected("illegal number syntax: " + quote(node.text));
  }
  return node;
}

// Without a type to aim at, the way a constant is written decides.
Value ideal_constant(const NumberNode& node) {
  if (node.is_complex) return Value::complex(node.complex_value);
  const std::string_view text = node.text;
  const bool hexadecimal = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
                           text.find_first_of("pP") == std::string_view::npos;
  if (node.is_float && !hexadecimal && text[0] != '\'' && text.find_first_of(".eEpP") != std::string_view::npos)
    return Value::floating(node.float_value);
  if (node.is_int) return Value::integer(node.int_value);
  return {};
}

}  // namespace

std::expected<NumberNode, std::string> parse_number(const Token& token) {
  auto node = classify(token);
  if (node) node->constant = ideal_constant(*node);
  return node;
}

}  // namespace longshore::tmpl
