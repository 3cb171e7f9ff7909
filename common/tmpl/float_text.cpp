// strconv.AppendFloat.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "common/tmpl/numbers.h"

namespace longshore::tmpl {
namespace {

// 0.DIGITS x 10^point; no trailing zeros; zero has no digits.
struct Decimal {
  std::string digits;
  int point = 0;
};

Decimal from_scientific(std::string_view text) {
  Decimal out;
  const auto mark = text.find('e');
  for (const char c : text.substr(0, mark))
    if (c != '.') out.digits += c;
  int exponent = 0;
  std::string_view tail = text.substr(mark + 1);
  if (tail.starts_with('+')) tail.remove_prefix(1);
  std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
  const auto last = out.digits.find_last_not_of('0');
  out.digits.resize(last == std::string::npos ? 0 : last + 1);
  out.point = out.digits.empty() ? 0 : exponent + 1;
  return out;
}

Decimal shortest_decimal(double value, int bits) {
  char buffer[64];
  const auto result = bits == 32
                          ? std::to_chars(buffer, buffer + 64, static_cast<float>(value), std::chars_format::scientific)
                          : std::to_chars(buffer, buffer + 64, value, std::chars_format::scientific);
  return from_scientific({buffer, static_cast<std::size_t>(result.ptr - buffer)});
}

// A double has at most 767 significant digits; beyond that everything is zero.
constexpr int kMaxDigits = 800;

Decimal rounded_decimal(double value, int digits) {
  char buffer[kMaxDigits + 32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific,
                                    std::min(digits, kMaxDigits) - 1);
  return from_scientific({buffer, static_cast<std::size_t>(result.ptr - buffer)});
}

// Rounded to `places` after the decimal point.
Decimal fixed_decimal(double value, int places) {
  std::vector<char> buffer(static_cast<std::size_t>(std::min(places, 1100)) + 400);
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed,
                                    std::min(places, 1100));
  Decimal out;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data()));
  const auto dot = std::min(text.find('.'), text.size());
  out.point = static_cast<int>(dot);
  for (const char c : text)
    if (c != '.') out.digits += c;
  const auto first = out.digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  out.digits.erase(0, first);
  out.point -= static_cast<int>(first);
  out.digits.resize(out.digits.find_last_not_of('0') + 1);
  return out;
}

char digit_at(const Decimal& number, int index) {
  return index >= 0 && index < static_cast<int>(number.digits.size()) ? number.digits[static_cast<std::size_t>(index)]
                                                                      : '0';
}

void append_exponent(std::string& out, char mark, int exponent) {
  out += mark;
  out += exponent < 0 ? '-' : '+';
  const int size = std::abs(exponent);
  if (size < 10) out += '0';
  out += std::to_string(size);
}

void append_scientific(std::string& out, const Decimal& number, int precision, char mark) {
  out += digit_at(number, 0);
  if (precision > 0) {
    out += '.';
    for (int i = 1; i <= precision; ++i) out += digit_at(number, i);
  }
  append_exponent(out, mark, number.digits.empty() ? 0 : number.point - 1);
}

void append_fixed(std::string& out, const Decimal& number, int precision) {
  if (number.point <= 0) out += '0';
  for (int i = 0; i < number.point; ++i) out += digit_at(number, i);
  if (precision <= 0) return;
  out += '.';
  for (int i = 0; i < precision; ++i) out += digit_at(number, number.point + i);
}

void append_general(std::string& out, const Decimal& number, int precision, bool shortest, char mark) {
  const int count = static_cast<int>(number.digits.size());
  int threshold = precision;
  if (threshold > count && count >= number.point) threshold = count;
  if (shortest) threshold = 6;
  const int exponent = number.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    append_scientific(out, number, std::min(precision, count) - 1, mark);
    return;
  }
  if (precision > number.point) precision = count;
  append_fixed(out, number, std::max(precision - number.point, 0));
}

struct Parts {
  std::uint64_t mantissa;
  int exponent;  // of the lowest mantissa bit plus mantissa bits, as strconv has it
  int mantissa_bits;
};

Parts take_apart(double value, int bits) {
  const int mantissa_bits = bits == 32 ? 23 : 52;
  const int exponent_bits = bits == 32 ? 8 : 11;
  const int bias = bits == 32 ? -127 : -1023;
  const std::uint64_t raw =
      bits == 32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value)) : std::bit_cast<std::uint64_t>(value);
  std::uint64_t mantissa = raw & ((std::uint64_t{1} << mantissa_bits) - 1);
  int exponent = static_cast<int>(raw >> mantissa_bits) & ((1 << exponent_bits) - 1);
  if (exponent == 0)
    ++exponent;
  else
    mantissa |= std::uint64_t{1} << mantissa_bits;
  return {mantissa, exponent + bias, mantissa_bits};
}

void append_binary(std::string& out, const Parts& parts) {
  out += std::to_string(parts.mantissa);
  out += 'p';
  const int exponent = parts.exponent - parts.mantissa_bits;
  if (exponent >= 0) out += '+';
  out += std::to_string(exponent);
}

void append_hexadecimal(std::string& out, Parts parts, int precision, bool upper) {
  std::uint64_t mantissa = parts.mantissa << (60 - parts.mantissa_bits);
  int exponent = mantissa == 0 ? 0 : parts.exponent;
  while (mantissa != 0 && (mantissa & (std::uint64_t{1} << 60)) == 0) {
    mantissa <<= 1;
    --exponent;
  }
  if (precision >= 0 && precision < 15) {
    const unsigned shift = static_cast<unsigned>(precision * 4);
    const std::uint64_t extra = (mantissa << shift) & ((std::uint64_t{1} << 60) - 1);
    mantissa >>= 60 - shift;
    if ((extra | (mantissa & 1)) > (std::uint64_t{1} << 59)) ++mantissa;
    mantissa <<= 60 - shift;
    if ((mantissa & (std::uint64_t{1} << 61)) != 0) {
      mantissa >>= 1;
      ++exponent;
    }
  }
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  out += '0';
  out += upper ? 'X' : 'x';
  out += static_cast<char>('0' + ((mantissa >> 60) & 1));
  mantissa <<= 4;
  if (precision < 0 && mantissa != 0) {
    out += '.';
    for (; mantissa != 0; mantissa <<= 4) out += digits[mantissa >> 60];
  } else if (precision > 0) {
    out += '.';
    for (int i = 0; i < precision; ++i, mantissa <<= 4) out += digits[mantissa >> 60];
  }
  append_exponent(out, upper ? 'P' : 'p', exponent);
}

}  // namespace

void append_float(std::string& out, double value, char verb, int precision, int bits) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
    return;
  }
  if (std::signbit(value)) {
    out += '-';
    value = -value;
  }
  if (verb == 'b') return append_binary(out, take_apart(value, bits));
  if (verb == 'x' || verb == 'X') return append_hexadecimal(out, take_apart(value, bits), precision, verb == 'X');
  const bool shortest = precision < 0;
  switch (verb) {
    case 'e':
    case 'E': {
      const Decimal number = shortest ? shortest_decimal(value, bits) : rounded_decimal(value, precision + 1);
      if (shortest) precision = std::max(static_cast<int>(number.digits.size()) - 1, 0);
      return append_scientific(out, number, precision, verb);
    }
    case 'f': {
      const Decimal number = shortest ? shortest_decimal(value, bits) : fixed_decimal(value, precision);
      if (shortest) precision = std::max(static_cast<int>(number.digits.size()) - number.point, 0);
      return append_fixed(out, number, precision);
    }
    default: {
      if (precision == 0) precision = 1;
      const Decimal number = shortest ? shortest_decimal(value, bits) : rounded_decimal(value, precision);
      if (shortest) precision = static_cast<int>(number.digits.size());
      return append_general(out, number, precision, shortest, verb == 'G' ? 'E' : 'e');
    }
  }
}

}  // namespace longshore::tmpl
