// YAML to Values as gopkg.in/yaml.v2 decodes into an interface: maps are map[interface {}]interface {}, lists
// []interface {}. yaml-cpp finds the structure; what a scalar means, merge keys and aliases are ours.
#pragma once
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::yaml {

inline constexpr Type kMapOfAny = types::map_of("map[interface {}]interface {}", types::kAny, types::kAny);

// The first document; nil if there is none. Errors start with "yaml: "; the words of syntax errors are yaml-cpp's.
Result<Value> read(std::string_view text);

}  // namespace longshore::tmpl::yaml
