#include "common/tmpl/data/yaml_emitter.h"

namespace longshore::tmpl::yaml {

int Emitter::deeper(bool flow, bool indentless) {
  const int former = indent_;
  if (indent_ < 0)
    indent_ = flow ? kIndent : 0;
  else if (!indentless)
    indent_ += kIndent;
  return former;
}

void Emitter::put(std::string_view character) {
  out_.append(character);
  ++column_;
}

void Emitter::put_break() {
  out_.append("\n");
  column_ = 0;
}

void Emitter::write_break(std::string_view text, std::size_t& at) {
  const std::size_t width = width_at(text, at);
  if (text[at] == '\n')
    put_break();
  else
    out_.append(text.substr(at, width));
  column_ = 0;
  at += width;
}

void Emitter::write_indent() {
  const int indent = indent_ < 0 ? 0 : indent_;
  if (!indention_ || column_ > indent || (column_ == indent && !whitespace_)) put_break();
  while (column_ < indent && !out_.overflow) put(" ");
  whitespace_ = true;
  indention_ = true;
}

void Emitter::indicator(std::string_view mark, bool space_before, bool is_space, bool is_indention) {
  if (space_before && !whitespace_) put(" ");
  for (std::size_t at = 0; at < mark.size(); ++at) put(mark.substr(at, 1));
  whitespace_ = is_space;
  indention_ = indention_ && is_indention;
}

void Emitter::empty(std::string_view brackets) {
  indicator(brackets.substr(0, 1), true, true, false);
  indicator(brackets.substr(1), false, false, false);
}

// A list that is the value of a map starts as deep as its key.
int Emitter::begin_list(Place place) {
  return deeper(false, place.map_value && !indention_);
}

void Emitter::item() {
  write_indent();
  indicator("-", true, false, true);
}

int Emitter::begin_map() {
  return deeper(false, false);
}

void Emitter::complex_key() {
  write_indent();
  indicator("?", true, false, true);
}

void Emitter::complex_value() {
  write_indent();
  indicator(":", true, false, true);
}

void Emitter::scalar(std::string_view text, Style wanted, Place place, std::string_view tag) {
  const Style style = style_for(text, wanted, place.simple_key);
  if (!tag.empty()) indicator(tag, true, false, false);
  const int former = deeper(true, false);
  switch (style) {
    case Style::plain:
      plain(text, !place.simple_key);
      break;
    case Style::single_quoted:
      single_quoted(text, !place.simple_key);
      break;
    case Style::double_quoted:
      double_quoted(text, !place.simple_key);
      break;
    case Style::literal:
      literal(text);
      break;
  }
  indent_ = former;
}

void Emitter::plain(std::string_view text, bool allow_breaks) {
  if (!whitespace_) put(" ");
  bool spaces = false;
  for (std::size_t at = 0; at < text.size(); at += width_at(text, at)) {
    const bool space = text[at] == ' ';
    if (space && allow_breaks && !spaces && column_ > kWidth && !text.substr(at + 1).starts_with(' '))
      write_indent();
    else
      put(text.substr(at, width_at(text, at)));
    if (!space) indention_ = false;
    spaces = space;
  }
  whitespace_ = false;
  indention_ = false;
}

void Emitter::single_quoted(std::string_view text, bool allow_breaks) {
  indicator("'", true, false, false);
  bool spaces = false;
  bool breaks = false;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      const bool inside = at > 0 && at + 1 < text.size() && text[at + 1] != ' ';
      if (allow_breaks && !spaces && column_ > kWidth && inside)
        write_indent();
      else
        put(" ");
      ++at;
      spaces = true;
    } else if (is_break_at(text, at)) {
      if (!breaks && text[at] == '\n') put_break();
      write_break(text, at);
      indention_ = true;
      breaks = true;
    } else {
      if (breaks) write_indent();
      if (text[at] == '\'') put("'");
      put(text.substr(at, width_at(text, at)));
      at += width_at(text, at);
      indention_ = false;
      spaces = false;
      breaks = false;
    }
  }
  indicator("'", false, false, false);
  whitespace_ = false;
  indention_ = false;
}

void Emitter::double_quoted(std::string_view text, bool allow_breaks) {
  indicator("\"", true, false, false);
  bool spaces = false;
  for (std::size_t at = 0; at < text.size(); at += width_at(text, at)) {
    const std::string shown = escaped_at(text, at);
    if (shown != " ") {
      // An escape counts as many columns as it has characters, a character as one.
      if (shown.starts_with('\\'))
        for (std::size_t i = 0; i < shown.size(); ++i) put(std::string_view(shown).substr(i, 1));
      else
        put(shown);
      spaces = false;
      continue;
    }
    if (allow_breaks && !spaces && column_ > kWidth && at > 0 && at + 1 < text.size()) {
      write_indent();
      if (text[at + 1] == ' ') put("\\");
    } else {
      put(" ");
    }
    spaces = true;
  }
  indicator("\"", false, false, false);
  whitespace_ = false;
  indention_ = false;
}

void Emitter::literal(std::string_view text) {
  indicator("|", true, false, false);
  if (text.starts_with(' ') || is_break_at(text, 0)) indicator("2", false, false, false);
  std::size_t last = text.size() - 1;
  while ((static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
  if (!is_break_at(text, last)) {
    indicator("-", false, false, false);
  } else {
    std::size_t before = last;
    while (before > 0 && (static_cast<unsigned char>(text[--before]) & 0xC0) == 0x80) {
    }
    if (last == 0 || is_break_at(text, before)) indicator("+", false, false, false);
  }
  put_break();
  indention_ = true;
  whitespace_ = true;
  bool breaks = true;
  for (std::size_t at = 0; at < text.size();) {
    if (is_break_at(text, at)) {
      write_break(text, at);
      indention_ = true;
      breaks = true;
      continue;
    }
    if (breaks) write_indent();
    put(text.substr(at, width_at(text, at)));
    at += width_at(text, at);
    indention_ = false;
    breaks = false;
  }
}

}  // namespace longshore::tmpl::yaml
