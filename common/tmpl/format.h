// Go's fmt package over Values: default formatting, Print, Println and the whole of Printf.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "common/tmpl/value.h"

namespace longshore::tmpl {

// Text that stops growing at a bound. Functions that use it report `overflow` as an error; the text is then partial.
struct BoundedText {
  explicit BoundedText(std::size_t max_bytes) : limit(max_bytes) {}
  void append(std::string_view piece) {
    if (piece.size() > limit - text.size())
      overflow = true;
    else if (!overflow)
      text += piece;
  }
  void append(std::size_t count, char filler) {
    if (count > limit - text.size())
      overflow = true;
    else if (!overflow)
      text.append(count, filler);
  }

  std::string text;
  std::size_t limit;
  bool overflow = false;
};

// What {{value}} prints: pointers to structs are dereferenced, invalid and nil are <no value>.
// False: the value cannot be printed (functions, channels).
bool print_value(BoundedText& out, const Value& value);

// fmt.Sprint, Sprintln, Sprintf.
void print(BoundedText& out, std::span<const Value> values);
void println(BoundedText& out, std::span<const Value> values);
void printf(BoundedText& out, std::string_view format, std::span<const Value> values);

// %v (or another verb) of one value for error texts, cut at 64 KiB.
std::string to_text(const Value& value, char32_t verb = 'v');

}  // namespace longshore::tmpl
