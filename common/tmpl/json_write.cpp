#include <algorithm>
#include <cmath>

#include "common/tmpl/base64.h"
#include "common/tmpl/json_text.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"
#include "common/tmpl/time_encode.h"
#include "common/tmpl/value_compare.h"

namespace longshore::tmpl {
namespace {

constexpr int kMaxDepth = 2000;

// encoding/json's word: structs and times never are.
bool is_empty(const Value& value) {
  return value.kind() == Kind::record ? value.is_nil() : !truth(value);
}

class Writer {
 public:
  Writer(BoundedText& out, const JsonStyle& style) : out_(out), style_(style) {}

  Status value(const Value& value, int depth) {
    if (depth > kMaxDepth) return fail(Errc::limit, "data nested too deeply");
    if (out_.overflow) return fail(Errc::limit, "result is too large");
    if (!value.valid() || value.is_nil()) return raw("null");
    switch (value.kind()) {
      case Kind::boolean:
        return raw(value.as_bool() ? "true" : "false");
      case Kind::float32:
      case Kind::float64:
        return floating(value);
      case Kind::string:
        return string(value.as_string());
      case Kind::list:
        return list(value, depth);
      case Kind::map:
        return map(value, depth);
      case Kind::record:
        return record(value, depth);
      case Kind::complex64:
      case Kind::complex128:
      case Kind::channel:
      case Kind::function:
        return unsupported(value);
      default:
        break;
    }
    return raw(value.is_signed() ? std::to_string(value.as_int()) : std::to_string(value.as_uint()));
  }

 private:
  Status raw(std::string_view text) {
    out_.append(text);
    return {};
  }
  static std::unexpected<Error> unsupported(const Value& value) {
    return fail(Errc::template_error, "json: unsupported type: " + std::string(value.type_name()));
  }

  Status floating(const Value& value) {
    const double number = value.as_float();
    const int bits = value.kind() == Kind::float32 ? 32 : 64;
    std::string text;
    if (!std::isfinite(number)) {
      append_float(text, number, 'g', -1, bits);
      return fail(Errc::template_error, "json: unsupported value: " + text);
    }
    const double size = std::fabs(number);
    const double low = bits == 32 ? static_cast<double>(1e-6F) : 1e-6;
    const double high = bits == 32 ? static_cast<double>(1e21F) : 1e21;
    const bool scientific = size != 0 && (size < low || size >= high);
    append_float(text, number, scientific ? 'e' : 'f', -1, bits);
    // e-09 becomes e-9.
    const std::size_t n = text.size();
    if (scientific && n >= 4 && text[n - 4] == 'e' && text[n - 3] == '-' && text[n - 2] == '0') text.erase(n - 2, 1);
    return raw(text);
  }

  Status string(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    std::string quoted = "\"";
    while (!text.empty()) {
      const DecodedRune rune = decode_rune(text);
      const char c = text[0];
      if (rune.value >= 0x80) {
        if (rune.value == kRuneError && rune.width == 1)
          quoted += "\\ufffd";
        else if (rune.value == 0x2028 || rune.value == 0x2029)
          quoted += rune.value == 0x2028 ? "\\u2028" : "\\u2029";
        else
          quoted += text.substr(0, rune.width);
      } else if (const auto named = kNamed.find(c); named != std::string_view::npos) {
        quoted += '\\';
        quoted += kNames[named];
      } else if (rune.value < ' ' || (style_.escape_html && (c == '<' || c == '>' || c == '&'))) {
        quoted += "\\u00";
        quoted += kHex[static_cast<std::size_t>(rune.value) >> 4];
        quoted += kHex[static_cast<std::size_t>(rune.value) & 0xF];
      } else {
        quoted += c;
      }
      text.remove_prefix(rune.width);
    }
    quoted += '"';
    return raw(quoted);
  }

  void line(int depth) {
    if (!style_.pretty) return;
    out_.append("\n");
    out_.append(static_cast<std::size_t>(depth) * 2, ' ');
  }
  void key(std::string_view name) {
    static_cast<void>(string(name));
    out_.append(style_.pretty ? ": " : ":");
  }

  Status list(const Value& value, int depth) {
    if (value.type().elem->kind == Kind::uint8 && !value.type().array) {
      std::string bytes;
      for (std::size_t i = 0; i < value.size(); ++i) bytes += static_cast<char>(value.at(i).as_uint());
      return string(base64_encode(bytes));
    }
    if (value.size() == 0) return raw("[]");
    out_.append("[");
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out_.append(",");
      line(depth + 1);
      LS_TRY_STATUS(this->value(value.at(i), depth + 1));
    }
    line(depth);
    return raw("]");
  }

  Status map(const Value& value, int depth) {
    const Type& type = *value.type().key;
    const bool integers = type.kind >= Kind::int_ && type.kind <= Kind::uintptr;
    if (type.kind != Kind::string && !integers) return unsupported(value);
    std::vector<std::pair<std::string, Value>> entries;
    for (auto& [name, element] : value.entries())
      entries.emplace_back(integers ? to_text(name) : std::string(name.as_string()), std::move(element));
    // By the text of the key, also for numbers.
    if (integers)
      std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (entries.empty()) return raw("{}");
    out_.append("{");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_.append(",");
      line(depth + 1);
      key(entries[i].first);
      LS_TRY_STATUS(this->value(entries[i].second, depth + 1));
    }
    line(depth);
    return raw("}");
  }

  Status record(const Value& value, int depth) {
    // MarshalJSON of times and versions.
    if (const gotime::Time* time = gotime::as_time(value)) {
      const auto text =
          gotime::strict_text(*time, "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON");
      if (!text) return std::unexpected(text.error());
      return string(*text);
    }
    if (value.type().fields.empty() && value.type().text != nullptr) return string(value.type().text(value));
    out_.append("{");
    bool first = true;
    const Type& type = value.type();
    for (const FieldOps& field : type.json_fields.empty() ? type.fields : type.json_fields) {
      if (field.json_name == "-") continue;
      // A nil record has been written as null; the zero value of one that is no pointer has no object.
      const Value element =
          value.object() == nullptr ? Value::zero(field.type()) : field.get(value.object(), value.owner());
      if (field.omit_empty && is_empty(element)) continue;
      if (!first) out_.append(",");
      first = false;
      line(depth + 1);
      key(field.json_name.empty() ? field.name : field.json_name);
      LS_TRY_STATUS(this->value(element, depth + 1));
    }
    if (!first) line(depth);
    return raw("}");
  }

  BoundedText& out_;
  JsonStyle style_;
};

}  // namespace

Status write_json(BoundedText& out, const Value& value, const JsonStyle& style) {
  LS_TRY_STATUS(Writer(out, style).value(value, 0));
  if (out.overflow) return fail(Errc::limit, "result is too large");
  return {};
}

}  // namespace longshore::tmpl
