// A tree as one line, for tables: {name "label"={a=1 b=[1.5 "x" true]}}.
#pragma once
#include <cstdio>
#include <string>

#include "common/hcl/node.h"

namespace longshore::hcl {

inline std::string show_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    char buffer[8];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (byte < 0x20 || byte >= 0x7F)
      out += (static_cast<void>(std::snprintf(buffer, sizeof buffer, "\\x%02x", byte)), buffer);
    else
      out += c;
  }
  return out + '"';
}

inline std::string show(const Value& value) {
  std::string out;
  const auto space = [&out](bool first) {
    if (!first) out += ' ';
  };
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::floating: {
      char buffer[40];
      std::snprintf(buffer, sizeof buffer, "%.17g", value.floating);
      return std::string("f:") + buffer;
    }
    case Kind::string:
      return show_text(value.text);
    case Kind::list:
      out = "[";
      for (const auto& element : value.elements) {
        space(&element == value.elements.data());
        out += show(element);
      }
      return out + ']';
    case Kind::object:
      out = "{";
      for (const auto& item : value.items) {
        space(&item == value.items.data());
        for (const auto& key : item.keys) {
          space(&key == item.keys.data());
          out += show_text(key.text);
        }
        out += '=' + show(item.value);
      }
      return out + '}';
  }
  return out;
}

}  // namespace longshore::hcl
