// Prints Values of any kind with any verb, as Go's fmt walks them by reflection.
#pragma once
#include "common/tmpl/formatter.h"

namespace longshore::tmpl {

class ValuePrinter {
 public:
  explicit ValuePrinter(BoundedText& out) : format_(out) {}

  // One operand of Print or Printf.
  void argument(const Value& value, char32_t verb);
  void clear_flags() { format_.flags = {}; }
  FormatFlags& flags() { return format_.flags; }
  void write(std::string_view text) { format_.write(text); }
  void write_rune(std::int32_t rune) { format_.write_rune(rune); }

 private:
  void nested(const Value& value, char32_t verb, int depth);
  bool by_method(const Value& value, char32_t verb);
  void bad_verb(const Value& value, char32_t verb);
  void boolean(const Value& value, char32_t verb);
  void integer(const Value& value, char32_t verb);
  void integer(std::uint64_t bits, bool is_signed, const Value& value, char32_t verb);
  void with_hex_prefix(std::uint64_t value, bool prefix);
  void floating(double number, int bits, const Value& value, char32_t verb);
  void complex(const Value& value, char32_t verb);
  void string(std::string_view text, const Value& value, char32_t verb);
  void bytes(const Value& value, char32_t verb, std::string_view type_name);
  void pointer(const Value& value, char32_t verb);
  void list(const Value& value, char32_t verb, int depth);
  void map(const Value& value, char32_t verb, int depth);
  void record(const Value& value, char32_t verb, int depth);
  void separator(bool first);

  Formatter format_;
  bool erroring_ = false;  // inside %!verb(type=value): no methods
};

}  // namespace longshore::tmpl
