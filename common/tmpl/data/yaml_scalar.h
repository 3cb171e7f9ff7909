// How a text may be written in YAML.
#pragma once
#include <string>
#include <string_view>

namespace longshore::tmpl::yaml {

enum class Style { plain, single_quoted, double_quoted, literal };

// libyaml's analysis of a text.
struct ScalarShape {
  bool multiline = false;
  bool plain_allowed = true;
  bool single_quoted_allowed = true;
  bool literal_allowed = true;
};
ScalarShape shape_of(std::string_view text);
// `wanted`, or what is possible instead.
Style style_for(std::string_view text, Style wanted, bool is_key);

// yaml.v2's base60float: such texts are quoted for the sake of other parsers.
bool is_base_60(std::string_view text);

// Characters by libyaml's classes, at an index of the text.
std::size_t width_at(std::string_view text, std::size_t index);
bool is_break_at(std::string_view text, std::size_t index);
bool is_printable_at(std::string_view text, std::size_t index);
// The character in double quotes: itself, or an escape.
std::string escaped_at(std::string_view text, std::size_t index);

}  // namespace longshore::tmpl::yaml
