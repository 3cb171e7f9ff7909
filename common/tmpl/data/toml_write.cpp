#include "common/tmpl/data/toml_write.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "common/base/duration.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::toml {
namespace {

using Key = std::vector<std::string>;

// What a value is in TOML; nothing for nil.
enum class Shape { nothing, simple, table, list_of_tables };

std::unexpected<Error> bad(std::string text) {
  return base::fail(Errc::template_error, std::move(text));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  constexpr std::string_view kNames = "btnfr\"\\";
  constexpr std::string_view kBytes = "\b\t\n\f\r\"\\";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const auto at = kBytes.find(c); at != std::string_view::npos)
      (out += '\\') += kNames[at];
    else if (byte < 0x20 || byte == 0x7F)
      ((out += "\\u00") += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
    else
      out += c;
  }
  return out + '"';
}

std::string key_text(std::string_view part) {
  constexpr std::string_view kBare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  const bool bare = !part.empty() && part.find_first_not_of(kBare) == std::string_view::npos;
  return bare ? std::string(part) : quoted(part);
}

std::string key_text(const Key& key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) (i > 0 ? out += '.' : out) += key_text(key[i]);
  return out;
}

// Records without fields are what they print: versions.
bool is_table(const Value& value) {
  return value.kind() == Kind::map || (value.kind() == Kind::record && !value.type().fields.empty());
}

// Shared lists can be seen along more ways than there is time for: nodes that may still be looked at.
constexpr std::int64_t kMostNodes = 4'000'000;

Result<Shape> shape_of(const Value& value, std::int64_t& nodes) {
  if (--nodes < 0) return base::fail(Errc::limit, "result is too large");
  if (!value.valid() || value.is_nil()) return Shape::nothing;
  if (is_table(value)) return Shape::table;
  if (value.kind() == Kind::list) {
    bool all = value.size() > 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      LS_TRY(shape, shape_of(value.at(i), nodes));
      if (shape == Shape::nothing) return bad("toml: cannot encode array with nil element");
      all = all && shape == Shape::table;
    }
    return all ? Shape::list_of_tables : Shape::simple;
  }
  if (value.is_complex())
    return bad(value.kind() == Kind::complex64 ? "unsupported type: complex64" : "unsupported type: complex128");
  if (value.kind() == Kind::channel) return bad("unsupported type: chan");
  if (value.kind() == Kind::function) return bad("unsupported type: func");
  return Shape::simple;
}

std::string float_text(const Value& value) {
  const double number = value.as_float();
  const std::string sign = std::signbit(number) ? "-" : "";
  if (std::isnan(number)) return sign + "nan";
  if (std::isinf(number)) return sign + "inf";
  std::string out;
  append_float(out, number, 'f', -1, value.kind() == Kind::float32 ? 32 : 64);
  return out.find('.') == std::string::npos ? out + ".0" : out;
}

struct Entry {
  std::string key;
  Value value;
};

// What stands directly in the table, then what makes tables of its own; a nil is nowhere.
struct Parts {
  std::vector<Entry> direct;
  std::vector<Entry> tables;
};

Result<Parts> parts_of(const Value& value, std::int64_t& nodes) {
  Parts out;
  const auto add = [&out, &nodes](std::string key, const Value& element) -> Status {
    const Value inner = element.valid() ? element.unbox() : Value::nil();
    LS_TRY(shape, shape_of(inner, nodes));
    auto& entries = shape == Shape::table || shape == Shape::list_of_tables ? out.tables : out.direct;
    entries.push_back({std::move(key), inner});
    return {};
  };
  if (value.kind() == Kind::record) {
    for (const FieldOps& field : value.type().fields)
      LS_TRY_STATUS(add(std::string(field.name), *value.field(field.name)));
    return out;
  }
  if (value.type().key->kind != Kind::string) return bad("toml: cannot encode a map with non-string key type");
  for (const auto& [key, element] : value.entries()) LS_TRY_STATUS(add(std::string(key.as_string()), element));
  return out;
}

class Writer {
 public:
  explicit Writer(BoundedText& out) : out_(out) {}
  Status encode(const Key& key, const Value& value);

 private:
  Status element(const Value& value);
  Status inline_list(const Value& value);
  Status inline_table(const Value& value);
  Status inline_entries(const std::vector<Entry>& entries, bool more);
  Status table(const Key& key, const Value& value);
  Status list_of_tables(const Key& key, const Value& value);
  Status contents(const Key& key, const Value& value);
  Status key_value(const Key& key, const Value& value, bool is_inline);
  void put(std::string_view text) {
    out_.append(text);
    written_ = true;
  }
  void newline() {
    if (written_) put("\n");
  }
  static std::string indent(const Key& key) { return std::string((key.size() - 1) * 2, ' '); }

  BoundedText& out_;
  std::int64_t nodes_ = kMostNodes;
  bool written_ = false;
};

Status Writer::encode(const Key& key, const Value& value) {
  if (out_.overflow || value.is_nil_interface()) return {};
  if (value.is_nil() && value.kind() != Kind::list) return {};
  if (is_table(value)) return table(key, value);
  LS_TRY(shape, shape_of(value, nodes_));
  if (shape == Shape::list_of_tables) return list_of_tables(key, value);
  return key_value(key, value, false);
}

Status Writer::key_value(const Key& key, const Value& value, bool is_inline) {
  if (key.empty()) return element(value);
  put(indent(key) + key_text(key.back()) + " = ");
  LS_TRY_STATUS(element(value));
  if (!is_inline) newline();
  return {};
}

Status Writer::element(const Value& value) {
  if (out_.overflow) return {};
  if (const gotime::Time* time = gotime::as_time(value)) {
    put(gotime::format(*time, "2006-01-02T15:04:05.999999999Z07:00"));
    return {};
  }
  if (is_table(value)) return inline_table(value);
  if (value.kind() == Kind::list) return inline_list(value);
  if (value.is_integer() && value.type().name == "time.Duration")
    put(quoted(base::format_duration(base::Duration(value.as_int()))));
  else if (value.is_string())
    put(quoted(value.as_string()));
  else if (value.kind() == Kind::boolean)
    put(value.as_bool() ? "true" : "false");
  else if (value.is_float())
    put(float_text(value));
  else if (value.is_signed())
    put(std::to_string(value.as_int()));
  else if (value.is_unsigned())
    put(std::to_string(value.as_uint()));
  else if (value.kind() == Kind::record && value.type().text != nullptr)
    put(quoted(value.type().text(value)));
  else
    return bad("unexpected type: " + std::string(value.type_name()));
  return {};
}

Status Writer::inline_list(const Value& value) {
  put("[");
  for (std::size_t i = 0; i < value.size() && !out_.overflow; ++i) {
    if (i > 0) put(", ");
    LS_TRY_STATUS(element(value.at(i).unbox()));
  }
  put("]");
  return {};
}

// The comma is there even if nothing follows but a nil, as in the original.
Status Writer::inline_entries(const std::vector<Entry>& entries, bool more) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].value.is_nil()) continue;
    LS_TRY_STATUS(key_value({entries[i].key}, entries[i].value, true));
    if (more || i + 1 < entries.size()) put(", ");
  }
  return {};
}

Status Writer::inline_table(const Value& value) {
  LS_TRY(parts, parts_of(value, nodes_));
  put("{");
  LS_TRY_STATUS(inline_entries(parts.direct, !parts.tables.empty()));
  LS_TRY_STATUS(inline_entries(parts.tables, false));
  put("}");
  return {};
}

Status Writer::table(const Key& key, const Value& value) {
  if (key.size() == 1) newline();
  if (!key.empty()) {
    put(indent(key) + '[' + key_text(key) + ']');
    newline();
  }
  return contents(key, value);
}

Status Writer::list_of_tables(const Key& key, const Value& value) {
  if (key.empty()) return bad("toml: top-level values must be Go maps or structs");
  for (std::size_t i = 0; i < value.size(); ++i) {
    newline();
    put(indent(key) + "[[" + key_text(key) + "]]");
    newline();
    LS_TRY_STATUS(contents(key, value.at(i).unbox()));
  }
  return {};
}

Status Writer::contents(const Key& key, const Value& value) {
  LS_TRY(parts, parts_of(value, nodes_));
  for (const auto* entries : {&parts.direct, &parts.tables}) {
    for (const Entry& entry : *entries) {
      if (entry.value.is_nil()) continue;
      Key inner = key;
      inner.push_back(entry.key);
      LS_TRY_STATUS(encode(inner, entry.value));
    }
  }
  return {};
}

}  // namespace

Status write(BoundedText& out, const Value& value) {
  if (!value.valid() || value.is_nil_interface()) return bad("reflect: call of reflect.Value.Type on zero Value");
  return Writer(out).encode({}, value.unbox());
}

}  // namespace longshore::tmpl::toml
