// The selectors of each kind of object. Source: the structs of Consul 1.8 without their fields tagged bexpr:"-".
#pragma once
#include <span>
#include <string_view>

#include "common/registry/filter.h"

namespace longshore::registry {

struct FilterField {
  enum class Kind { text, integer, boolean, text_list, text_map, object, object_list, object_map };
  std::string_view name;
  Kind kind = Kind::text;
  std::span<const FilterField> children{};
};

std::span<const FilterField> filter_fields(FilterTarget target);

}  // namespace longshore::registry
