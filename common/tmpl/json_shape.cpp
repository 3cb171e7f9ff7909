#include "common/tmpl/json_shape.h"

#include "common/base/text.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::shape {
namespace {

std::optional<Value> member(const Value& object, std::string_view name) {
  if (auto exact = object.find(name)) return exact;
  for (auto& [key, value] : object.entries())
    if (base::equal_ignore_case_ascii(key.as_string(), name)) return value;
  return std::nullopt;
}

Value shaped_record(const Type& type, const Value& json) {
  if (json.kind() != Kind::map && type.pointer) return Value::nil_of(type);
  auto slots = std::make_shared<std::vector<Value>>();
  slots->reserve(type.fields.size());
  for (const FieldOps& field : type.fields) {
    std::optional<Value> found;
    if (json.kind() == Kind::map) found = member(json, field.json_name.empty() ? field.name : field.json_name);
    slots->push_back(from_json(field.type(), found.value_or(Value::nil())));
  }
  const void* const first = slots->data();
  return Value::view(type, first, slots);
}

gotime::Time shaped_time(const Value& json) {
  if (!json.is_string()) return {};
  return gotime::parse(gotime::kRfc3339, json.as_string()).value_or(gotime::Time{});
}

Value shaped_map(const Type& type, const Value& json) {
  if (json.kind() != Kind::map) return Value::nil_of(type);
  std::vector<MapEntry> entries;
  for (auto& [key, value] : json.entries())
    entries.emplace_back(Value::string_view(key.as_string(), key.owner(), *type.key), from_json(*type.elem, value));
  return Value::map(type, std::move(entries));
}

Value shaped_list(const Type& type, const Value& json) {
  if (json.kind() != Kind::list) return Value::nil_of(type);
  std::vector<Value> elements;
  for (std::size_t i = 0; i < json.size(); ++i) elements.push_back(from_json(*type.elem, json.at(i).unbox()));
  return Value::list(type, std::move(elements));
}

}  // namespace

Value from_json(const Type& type, const Value& json) {
  switch (type.kind) {
    case Kind::record:
      if (&type == &gotime::time_type()) return gotime::time_value(shaped_time(json));
      if (&type == &gotime::time_pointer_type())
        return json.is_string() ? gotime::time_pointer(shaped_time(json)) : Value::nil_of(type);
      return shaped_record(type, json);
    case Kind::map:
      return shaped_map(type, json);
    case Kind::list:
      return shaped_list(type, json);
    case Kind::string:
      return json.is_string() ? json : Value::zero(type);
    case Kind::boolean:
      return json.kind() == Kind::boolean ? json : Value::zero(type);
    default:
      break;
  }
  // JSON's numbers are doubles here: exact up to 2^53. A double beyond the range would be undefined as an integer.
  constexpr double kMost = 9.2e18;
  if (!json.is_float() || json.as_float() > kMost || json.as_float() < -kMost) return Value::zero(type);
  const double number = json.as_float();
  if (type.kind < Kind::uint_) return Value::integer(static_cast<std::int64_t>(number), type);
  return number < 0 ? Value::zero(type) : Value::unsigned_integer(static_cast<std::uint64_t>(number), type);
}

}  // namespace longshore::tmpl::shape
