// libyaml's emitter, as far as block documents need it: where lines break and how deep they start.
#pragma once
#include <string_view>

#include "common/tmpl/data/yaml_scalar.h"
#include "common/tmpl/format.h"

namespace longshore::tmpl::yaml {

class Emitter {
 public:
  explicit Emitter(BoundedText& out) : out_(out) {}

  // Where the next node stands.
  struct Place {
    bool map_value = false;  // in a map, key or value
    bool simple_key = false;
  };

  void scalar(std::string_view text, Style wanted, Place place, std::string_view tag = {});
  void empty(std::string_view brackets);  // [] or {}

  // A list: begin_list, then item and the element for each, then the former indent.
  int begin_list(Place place);
  void item();
  int begin_map();
  void simple_key() { write_indent(); }
  void simple_value() { indicator(":", false, false, false); }
  // Keys that are long or have line breaks: "? key", then ": value".
  void complex_key();
  void complex_value();
  void end(int former) { indent_ = former; }
  void finish() { write_indent(); }

 private:
  static constexpr int kIndent = 2;
  static constexpr int kWidth = 80;

  int deeper(bool flow, bool indentless);
  void put(std::string_view character);
  void put_break();
  void write_break(std::string_view text, std::size_t& at);
  void write_indent();
  void indicator(std::string_view mark, bool space_before, bool is_space, bool is_indention);
  void plain(std::string_view text, bool allow_breaks);
  void single_quoted(std::string_view text, bool allow_breaks);
  void double_quoted(std::string_view text, bool allow_breaks);
  void literal(std::string_view text);

  BoundedText& out_;
  int column_ = 0;
  int indent_ = -1;
  bool whitespace_ = true;  // the last character was white space
  bool indention_ = true;   // only indentation and indicators so far on this line
};

}  // namespace longshore::tmpl::yaml
