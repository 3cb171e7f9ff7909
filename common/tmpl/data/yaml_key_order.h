// The order of keys in YAML files: numbers by value before texts, digits within texts as numbers ("a2" before "a10").
#pragma once
#include "common/tmpl/value.h"

namespace longshore::tmpl::yaml {

// gopkg.in/yaml.v2's keyList.
bool key_before(const Value& left, const Value& right);

}  // namespace longshore::tmpl::yaml
