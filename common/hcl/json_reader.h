// The JSON form of a configuration file, with a place on every node, which common/json does not give. More than JSON is
// accepted where hcl v1 does: a comma after the last member or element.
#pragma once
#include "common/hcl/cursor.h"
#include "common/hcl/syntax_error.h"

namespace longshore::hcl {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : cursor_(text) {}
  Parsed<Value> file();

 private:
  void skip_space();
  Parsed<Value> value();
  Parsed<Value> object();
  Parsed<Value> list();
  Parsed<Value> number();
  Parsed<Value> word();
  Parsed<std::string> quoted();
  Parsed<char32_t> escaped_unit(Position start);
  Parsed<void> separator(char32_t closing, Position opening);

  Cursor cursor_;
  int depth_ = 0;
};

}  // namespace longshore::hcl
