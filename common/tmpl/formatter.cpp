#include "common/tmpl/formatter.h"

#include <algorithm>

#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";

std::string_view table(Digits digits) {
  return digits == Digits::upper ? kUpper : kLower;
}
char prefix(Digits digits) {
  return digits == Digits::upper ? 'X' : 'x';
}

std::int32_t to_rune(std::uint64_t value) {
  return value > 0x10FFFF ? kRuneError : static_cast<std::int32_t>(value);
}

// Adds what the # flag asks of %g, %e, %f and %x: a decimal point and trailing zeros up to `digits`.
void add_point_and_zeros(std::string& text, char verb, int precision) {
  int digits = 0;
  if (verb == 'g' || verb == 'G' || verb == 'x') digits = precision == -1 ? 6 : precision;
  std::string tail;
  bool has_point = false;
  bool significant = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      has_point = true;
      continue;
    }
    const bool exponent = c == 'p' || c == 'P' || ((c == 'e' || c == 'E') && verb != 'x' && verb != 'X');
    if (exponent) {
      tail = text.substr(i);
      text.resize(i);
      break;
    }
    if (c != '0') significant = true;
    if (significant) --digits;
  }
  if (!has_point) {
    // A lone zero counts as a digit.
    if (text.size() == 2 && text[1] == '0') --digits;
    text += '.';
  }
  if (digits > 0) text.append(static_cast<std::size_t>(digits), '0');
  text += tail;
}

}  // namespace

void Formatter::write_rune(std::int32_t rune) {
  std::string text;
  append_rune(text, rune);
  write(text);
}

void Formatter::padding(int count) {
  if (count > 0) out_.append(static_cast<std::size_t>(count), flags.zero && !flags.minus ? '0' : ' ');
}

void Formatter::pad(std::string_view text) {
  if (!flags.has_width || flags.width == 0) return write(text);
  const int missing = flags.width - static_cast<int>(std::min<std::size_t>(rune_count(text), 1u << 30));
  if (!flags.minus) padding(missing);
  write(text);
  if (flags.minus) padding(missing);
}

void Formatter::pad_without_zeros(std::string_view text) {
  const bool zero = flags.zero;
  flags.zero = false;
  pad(text);
  flags.zero = zero;
}

void Formatter::integer(std::uint64_t value, unsigned base, bool is_signed, char32_t verb, Digits digits) {
  const bool negative = is_signed && static_cast<std::int64_t>(value) < 0;
  if (negative) value = 0 - value;
  int precision = 0;
  if (flags.has_precision) {
    precision = flags.precision;
    if (precision == 0 && value == 0) {
      const bool zero = flags.zero;
      flags.zero = false;
      padding(flags.width);
      flags.zero = zero;
      return;
    }
  } else if (flags.zero && !flags.minus && flags.has_width) {
    precision = flags.width;
    if (negative || flags.plus || flags.space) --precision;  // room for the sign
  }

  // The number is built backwards at the end of this; only explicit precision needs more than a machine word.
  char small[72];
  std::string large;
  char* end = small + sizeof small;
  if (precision > 64) {
    large.resize(static_cast<std::size_t>(precision) + 8);
    end = large.data() + large.size();
  }
  char* at = end;
  do {
    *--at = table(digits)[value % base];
    value /= base;
  } while (value != 0);
  while (end - at < precision) *--at = '0';
  if (flags.sharp) {
    if (base == 2) {
      *--at = 'b';
      *--at = '0';
    } else if (base == 8) {
      if (*at != '0') *--at = '0';
    } else if (base == 16) {
      *--at = prefix(digits);
      *--at = '0';
    }
  }
  if (verb == 'O') {
    *--at = 'o';
    *--at = '0';
  }
  if (negative)
    *--at = '-';
  else if (flags.plus)
    *--at = '+';
  else if (flags.space)
    *--at = ' ';
  pad_without_zeros({at, static_cast<std::size_t>(end - at)});
}

void Formatter::floating(double value, int bits, char verb, int precision) {
  if (flags.has_precision) precision = flags.precision;
  std::string text = "+";
  append_float(text, value, verb, precision, bits);
  if (text[1] == '-' || text[1] == '+') text.erase(0, 1);
  if (flags.space && text[0] == '+' && !flags.plus) text[0] = ' ';
  if (text[1] == 'I' || text[1] == 'N') {
    if (text[1] == 'N' && !flags.space && !flags.plus) text.erase(0, 1);
    return pad_without_zeros(text);
  }
  if (flags.sharp && verb != 'b') add_point_and_zeros(text, verb, precision);
  if (!flags.plus && text[0] == '+') return pad(std::string_view(text).substr(1));
  // Zeros go between the sign and the digits.
  const int missing = flags.width - static_cast<int>(text.size());
  if (flags.zero && !flags.minus && flags.has_width && missing > 0) {
    write(std::string_view(text).substr(0, 1));
    padding(missing);
    return write(std::string_view(text).substr(1));
  }
  pad(text);
}

void Formatter::unicode(std::uint64_t value) {
  std::string digits;
  const bool show = flags.sharp && value <= 0x10FFFF && is_printable(static_cast<std::int32_t>(value));
  const std::int32_t rune = to_rune(value);
  do {
    digits += kUpper[value & 0xF];
    value >>= 4;
  } while (value != 0);
  const std::size_t wanted = flags.has_precision && flags.precision > 4 ? static_cast<std::size_t>(flags.precision) : 4;
  if (digits.size() < wanted) digits.append(wanted - digits.size(), '0');
  std::reverse(digits.begin(), digits.end());
  std::string text = "U+" + digits;
  if (show) {
    text += " '";
    append_rune(text, rune);
    text += '\'';
  }
  pad_without_zeros(text);
}

void Formatter::character(std::uint64_t value) {
  std::string text;
  append_rune(text, to_rune(value));
  pad(text);
}

void Formatter::quoted_character(std::uint64_t value) {
  pad(quote_rune(to_rune(value), flags.plus));
}

std::string_view Formatter::truncated(std::string_view text) const {
  if (!flags.has_precision) return text;
  std::string_view rest = text;
  for (int left = flags.precision; left > 0 && !rest.empty(); --left) rest.remove_prefix(decode_rune(rest).width);
  return text.substr(0, text.size() - rest.size());
}

void Formatter::string(std::string_view text) {
  pad(truncated(text));
}

void Formatter::quoted(std::string_view text) {
  text = truncated(text);
  if (flags.sharp && can_backquote(text)) return pad("`" + std::string(text) + "`");
  pad(quote(text, flags.plus));
}

void Formatter::hexadecimal(std::string_view bytes, Digits digits) {
  if (flags.has_precision) bytes = bytes.substr(0, static_cast<std::size_t>(flags.precision));
  std::string text;
  if (flags.sharp && !bytes.empty()) text = {'0', prefix(digits)};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (flags.space && i > 0) {
      text += ' ';
      if (flags.sharp) text += {'0', prefix(digits)};
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += table(digits)[byte >> 4];
    text += table(digits)[byte & 0xF];
  }
  pad(text);
}

}  // namespace longshore::tmpl
