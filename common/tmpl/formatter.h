// The formatting primitives of Go's fmt: one value of a basic kind, with flags, width and precision.
#pragma once
#include <cstdint>
#include <string_view>

#include "common/tmpl/format.h"

namespace longshore::tmpl {

struct FormatFlags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool plus_v = false;   // %+v
  bool sharp_v = false;  // %#v
  bool has_width = false;
  bool has_precision = false;
  int width = 0;      // 0 to 1,000,000
  int precision = 0;  // 0 to 1,000,000
};

enum class Digits { lower, upper };

class Formatter {
 public:
  explicit Formatter(BoundedText& out) : out_(out) {}

  FormatFlags flags;

  void write(std::string_view text) { out_.append(text); }
  void write_rune(std::int32_t rune);
  // With padding to the width, counted in characters.
  void pad(std::string_view text);

  void boolean(bool value) { pad(value ? "true" : "false"); }
  // `verb` only matters for O, which writes its own prefix.
  void integer(std::uint64_t value, unsigned base, bool is_signed, char32_t verb, Digits digits);
  void floating(double value, int bits, char verb, int precision);
  void unicode(std::uint64_t value);                        // %U
  void character(std::uint64_t value);                      // %c
  void quoted_character(std::uint64_t value);               // %q of an integer
  void string(std::string_view text);                       // %s
  void quoted(std::string_view text);                       // %q
  void hexadecimal(std::string_view bytes, Digits digits);  // %x of strings and bytes

  bool stopped() const { return out_.overflow; }
  void stop() { out_.overflow = true; }

 private:
  void padding(int count);
  void pad_without_zeros(std::string_view text);
  std::string_view truncated(std::string_view text) const;

  BoundedText& out_;
};

}  // namespace longshore::tmpl
