// Go structs that are filled from JSON, as tables: field, type, name in the JSON (also that of toJSON). The C++ object
// behind such a record is an array of Values, one for each row of its table. For data that is rarely looked at; what
// comes by the thousand is bound as in bind.h.
#pragma once
#include <array>
#include <string>
#include <utility>

#include "common/tmpl/value.h"

namespace longshore::tmpl::shape {

using TypeOf = const Type& (*)();

struct Slot {
  std::string_view name;
  TypeOf type;
  std::string_view json = {};  // empty = `name`
  bool omit_empty = false;     // by toJSON
};

// `Shape` has kName (with * if it is seen through a pointer) and kSlots.
template <class Shape>
const Type& record() {
  static constexpr auto kFields = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<FieldOps, sizeof...(I)>{
        FieldOps{Shape::kSlots[I].name, Shape::kSlots[I].type,
                 [](const void* slots, const Owner&) { return static_cast<const Value*>(slots)[I]; },
                 Shape::kSlots[I].json, Shape::kSlots[I].omit_empty}...};
  }
  (std::make_index_sequence<std::size(Shape::kSlots)>{});
  static constexpr std::string_view kName = Shape::kName;
  static constexpr Type kType{
      .kind = Kind::record, .name = kName, .fields = kFields, .pointer = kName.starts_with('*')};
  return kType;
}

template <TypeOf Element>
const Type& list() {
  static const std::string name = "[]" + std::string(Element().name);
  static const Type type = types::list_of(name, Element());
  return type;
}

inline const Type& text() {
  return types::kString;
}
inline const Type& texts() {
  return types::kListOfString;
}
inline const Type& labels() {
  return types::kMapOfString;
}
inline const Type& integer() {
  return types::kInt;
}
inline const Type& integer64() {
  return types::kInt64;
}
inline const Type& unsigned64() {
  return types::kUint64;
}
inline const Type& boolean() {
  return types::kBool;
}

template <TypeOf Element, TypeOf Key = text>
const Type& map() {
  static const std::string name = "map[" + std::string(Key().name) + "]" + std::string(Element().name);
  static const Type type = types::map_of(name, Key(), Element());
  return type;
}

// The JSON (as read_json makes it) as a value of that type. What is missing or of another type has its zero value;
// names are matched without case, as Go's decoder does. Numbers are exact up to 2^53. Times are of gotime::time_type,
// or of gotime::time_pointer_type, then nil unless the JSON has a text.
Value from_json(const Type& type, const Value& json);

}  // namespace longshore::tmpl::shape
