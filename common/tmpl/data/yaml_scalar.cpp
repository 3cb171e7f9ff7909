#include "common/tmpl/data/yaml_scalar.h"

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::yaml {
namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
}

bool is_blank_at(std::string_view text, std::size_t index) {
  return byte_at(text, index) == ' ' || byte_at(text, index) == '\t';
}

bool contains(std::string_view set, unsigned byte) {
  return byte != 0 && set.find(static_cast<char>(byte)) != std::string_view::npos;
}

// Does the character at that place mean something in block context?
bool is_indicator(std::string_view text, std::size_t index, bool after_blank) {
  const unsigned byte = byte_at(text, index);
  const bool before_blank =
      index + width_at(text, index) >= text.size() || is_blank_at(text, index + width_at(text, index));
  if (index > 0) return (byte == ':' && before_blank) || (byte == '#' && after_blank);
  if (contains("#,[]{}&*!|>'\"%@`", byte)) return true;
  return contains("?:-", byte) && before_blank;
}

}  // namespace

std::size_t width_at(std::string_view text, std::size_t index) {
  const unsigned byte = byte_at(text, index);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

bool is_break_at(std::string_view text, std::size_t index) {
  const std::string_view rest = text.substr(index);
  return rest.starts_with('\r') || rest.starts_with('\n') || rest.starts_with("\xC2\x85") ||
         rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9");
}

bool is_printable_at(std::string_view text, std::size_t index) {
  const unsigned byte = byte_at(text, index);
  const unsigned second = byte_at(text, index + 1);
  const unsigned third = byte_at(text, index + 2);
  if (byte == 0x0A || (byte >= 0x20 && byte <= 0x7E)) return true;
  if (byte == 0xC2) return second >= 0xA0;
  if (byte > 0xC2 && byte < 0xED) return true;
  if (byte == 0xED) return second < 0xA0;
  if (byte == 0xEE) return true;
  return byte == 0xEF && !(second == 0xBB && third == 0xBF) && !(second == 0xBF && third >= 0xBE);
}

ScalarShape shape_of(std::string_view text) {
  ScalarShape out;
  if (text.empty()) {
    out.literal_allowed = false;
    return out;
  }
  bool indicators = text.starts_with("---") || text.starts_with("...");
  bool special = false;
  bool edge = false;  // a space or break at either end
  bool space_before_break = false;
  bool space_after_break = false;
  bool trailing_space = false;
  bool previous_space = false;
  bool previous_break = false;
  bool after_blank = true;
  for (std::size_t at = 0; at < text.size(); at += width_at(text, at)) {
    const bool is_last = at + width_at(text, at) == text.size();
    indicators = indicators || is_indicator(text, at, after_blank);
    special = special || !is_printable_at(text, at);
    const bool space = text[at] == ' ';
    const bool line_break = !space && is_break_at(text, at);
    edge = edge || ((space || line_break) && (at == 0 || is_last));
    trailing_space = trailing_space || (space && is_last);
    space_after_break = space_after_break || (space && previous_break);
    space_before_break = space_before_break || (line_break && previous_space);
    out.multiline = out.multiline || line_break;
    previous_space = space;
    previous_break = line_break;
    after_blank = space || line_break || text[at] == '\t' || text[at] == '\0';
  }
  const bool unclear = space_before_break || special;
  out.plain_allowed = !edge && !space_after_break && !unclear && !out.multiline && !indicators;
  out.single_quoted_allowed = !space_after_break && !unclear;
  out.literal_allowed = !trailing_space && !unclear;
  return out;
}

Style style_for(std::string_view text, Style wanted, bool is_key) {
  const ScalarShape shape = shape_of(text);
  Style style = is_key && shape.multiline ? Style::double_quoted : wanted;
  if (style == Style::plain && (!shape.plain_allowed || (text.empty() && is_key))) style = Style::single_quoted;
  if (style == Style::single_quoted && !shape.single_quoted_allowed) style = Style::double_quoted;
  if (style == Style::literal && (!shape.literal_allowed || is_key)) style = Style::double_quoted;
  return style;
}

// [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
bool is_base_60(std::string_view text) {
  const auto digit_at = [&text](std::size_t index) { return contains("0123456789", byte_at(text, index)); };
  std::size_t at = contains("+-", byte_at(text, 0)) ? 1 : 0;
  if (!digit_at(at)) return false;
  while (digit_at(at) || byte_at(text, at) == '_') ++at;
  if (byte_at(text, at) != ':') return false;
  while (byte_at(text, at) == ':') {
    const bool two = digit_at(at + 1) && digit_at(at + 2) && text[at + 1] <= '5';
    if (!two && !digit_at(at + 1)) return false;
    at += two ? 3 : 2;
  }
  if (byte_at(text, at) == '.') {
    ++at;
    while (digit_at(at) || byte_at(text, at) == '_') ++at;
  }
  return at == text.size();
}

std::string escaped_at(std::string_view text, std::size_t index) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::string_view self = text.substr(index, width_at(text, index));
  const bool plain = is_printable_at(text, index) && !is_break_at(text, index) && !text.starts_with(kByteOrderMark) &&
                     self != "\"" && self != "\\";
  if (plain) return std::string(self);
  const std::int32_t rune = decode_rune(self).value;
  switch (rune) {
    case 0x00:
      return "\\0";
    case 0x07:
      return "\\a";
    case 0x08:
      return "\\b";
    case 0x09:
      return "\\t";
    case 0x0A:
      return "\\n";
    case 0x0B:
      return "\\v";
    case 0x0C:
      return "\\f";
    case 0x0D:
      return "\\r";
    case 0x1B:
      return "\\e";
    case 0x22:
      return "\\\"";
    case 0x5C:
      return "\\\\";
    case 0x85:
      return "\\N";
    case 0xA0:
      return "\\_";
    case 0x2028:
      return "\\L";
    case 0x2029:
      return "\\P";
    default:
      break;
  }
  const int digits = rune <= 0xFF ? 2 : rune <= 0xFFFF ? 4 : 8;
  std::string out = digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789ABCDEF"[rune >> shift & 15];
  return out;
}

}  // namespace longshore::tmpl::yaml
