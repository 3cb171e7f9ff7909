#include "common/tmpl/data/yaml_write.h"

#include <algorithm>
#include <cmath>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/tmpl/base64.h"
#include "common/tmpl/data/yaml_emitter.h"
#include "common/tmpl/data/yaml_key_order.h"
#include "common/tmpl/data/yaml_resolve.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::yaml {
namespace {

using Place = Emitter::Place;

// A value as the text that stands for it in the file.
struct Scalar {
  std::string text;
  Style style = Style::plain;
  std::string_view tag = {};
};

// Lines of 70 characters, as yaml.v2 breaks them.
std::string binary_text(std::string_view bytes) {
  constexpr std::size_t kLine = 70;
  const std::string all = base64_encode(bytes);
  if (all.size() < kLine) return all;
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kLine) out += all.substr(at, kLine) + '\n';
  return out;
}

Scalar string_scalar(std::string_view text) {
  if (!base::valid_utf8(text)) {
    Scalar out{binary_text(text), Style::plain, "!!binary"};
    if (out.text.find('\n') != std::string::npos) out.style = Style::literal;
    return out;
  }
  if (text.find('\n') != std::string_view::npos) return {std::string(text), Style::literal};
  const bool is_text = resolve(text).tag == Tag::text && !is_base_60(text);
  return {std::string(text), is_text ? Style::plain : Style::double_quoted};
}

std::string float_text(const Value& value) {
  const double number = value.as_float();
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  std::string out;
  append_float(out, number, 'g', -1, value.kind() == Kind::float32 ? 32 : 64);
  return out;
}

bool is_scalar(const Value& value) {
  if (value.kind() == Kind::list || value.kind() == Kind::map) return false;
  return value.kind() != Kind::record || value.is_nil() || value.type().fields.empty();
}

Result<Scalar> scalar_of(const Value& value) {
  if (!value.valid() || value.is_nil_interface()) return Scalar{"null"};
  switch (value.kind()) {
    case Kind::boolean:
      return Scalar{value.as_bool() ? "true" : "false"};
    case Kind::string:
      return string_scalar(value.as_string());
    case Kind::float32:
    case Kind::float64:
      return Scalar{float_text(value)};
    case Kind::record:
      if (value.is_nil()) return Scalar{"null"};
      if (const gotime::Time* time = gotime::as_time(value))
        return Scalar{gotime::format(*time, "2006-01-02T15:04:05.999999999Z07:00")};
      return string_scalar(value.type().text != nullptr ? value.type().text(value) : "{}");
    default:
      break;
  }
  if (value.is_integer() && value.type().name == "time.Duration")
    return string_scalar(base::format_duration(base::Duration(value.as_int())));
  if (value.is_signed()) return Scalar{std::to_string(value.as_int())};
  if (value.is_unsigned()) return Scalar{std::to_string(value.as_uint())};
  return base::fail(Errc::template_error, "cannot marshal type: " + std::string(value.type().name));
}

std::vector<MapEntry> entries_of(const Value& value) {
  if (value.kind() == Kind::map) {
    std::vector<MapEntry> entries = value.entries();
    std::ranges::stable_sort(
        entries, [](const MapEntry& left, const MapEntry& right) { return key_before(left.first, right.first); });
    return entries;
  }
  std::vector<MapEntry> entries;
  for (const FieldOps& field : value.type().fields)
    entries.emplace_back(Value::string(base::to_lower_ascii(field.name)), *value.field(field.name));
  return entries;
}

class Writer {
 public:
  explicit Writer(BoundedText& out) : out_(out), emitter_(out) {}
  Status node(const Value& value, Place place);
  void finish() { emitter_.finish(); }

 private:
  Status list(const Value& value, Place place);
  Status map(const Value& value);

  BoundedText& out_;
  Emitter emitter_;
};

Status Writer::node(const Value& value, Place place) {
  if (out_.overflow) return {};
  if (value.kind() == Kind::list) return list(value, place);
  if (!is_scalar(value)) return map(value);
  LS_TRY(scalar, scalar_of(value));
  emitter_.scalar(scalar.text, scalar.style, place, scalar.tag);
  return {};
}

Status Writer::list(const Value& value, Place place) {
  if (value.size() == 0) {
    emitter_.empty("[]");
    return {};
  }
  const int former = emitter_.begin_list(place);
  for (std::size_t i = 0; i < value.size() && !out_.overflow; ++i) {
    emitter_.item();
    LS_TRY_STATUS(node(value.at(i).unbox(), {}));
  }
  emitter_.end(former);
  return {};
}

Status Writer::map(const Value& value) {
  const auto entries = entries_of(value);
  if (entries.empty()) {
    emitter_.empty("{}");
    return {};
  }
  const int former = emitter_.begin_map();
  for (const auto& [key, element] : entries) {
    if (out_.overflow) return {};
    constexpr std::size_t kLongestKey = 128;
    LS_TRY(name, scalar_of(key.unbox()));
    const std::size_t length = name.text.size() + name.tag.size();
    const bool simple = length <= kLongestKey && !shape_of(name.text).multiline;
    if (simple)
      emitter_.simple_key();
    else
      emitter_.complex_key();
    emitter_.scalar(name.text, name.style, {.map_value = true, .simple_key = simple}, name.tag);
    if (simple)
      emitter_.simple_value();
    else
      emitter_.complex_value();
    LS_TRY_STATUS(node(element.unbox(), {.map_value = true}));
  }
  emitter_.end(former);
  return {};
}

}  // namespace

Status write(BoundedText& out, const Value& value) {
  Writer writer(out);
  LS_TRY_STATUS(writer.node(value.valid() ? value.unbox() : Value::nil(), {}));
  writer.finish();
  return {};
}

}  // namespace longshore::tmpl::yaml
