// Go structs that are filled from JSON, as tables: field, type, name in the JSON. The C++ object behind such a record is
// an array of Values, one for each row of its table.
#pragma once
#include <array>
#include <string>
#include <utility>

#include "common/tmpl/value.h"

namespace longshore::tmpl::registrator {

using TypeOf = const Type& (*)();

struct Slot {
  std::string_view name;
  TypeOf type;
  std::string_view json = {};  // empty = `name`
};

// `Shape` has kName (with * if it is seen through a pointer) and kSlots.
template <class Shape>
const Type& record() {
  static constexpr auto kFields = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<FieldOps, sizeof...(I)>{
        FieldOps{Shape::kSlots[I].name, Shape::kSlots[I].type,
                 [](const void* slots, const Owner&) { return static_cast<const Value*>(slots)[I]; },
                 Shape::kSlots[I].json}...};
  }(std::make_index_sequence<std::size(Shape::kSlots)>{});
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

template <TypeOf Element, TypeOf Key = text>
const Type& map() {
  static const std::string name = "map[" + std::string(Key().name) + "]" + std::string(Element().name);
  static const Type type = types::map_of(name, Key(), Element());
  return type;
}

}  // namespace longshore::tmpl::registrator
