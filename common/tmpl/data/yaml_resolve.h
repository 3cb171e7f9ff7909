// What a scalar of YAML 1.1 is, by the rules of gopkg.in/yaml.v2 2.4.
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::yaml {

enum class Tag { text, null, boolean, integer, floating, timestamp };

struct Resolved {
  Tag tag = Tag::text;
  Value value;  // int (uint64 if too large), float64, bool, string; nil interface. Of a timestamp the text.
};

// Of a scalar without quotes and without a tag.
Resolved resolve(std::string_view text);
// With an explicit tag in its long form (tag:yaml.org,2002:int): an error if the text is nothing of the kind.
Result<Value> resolve_as(std::string_view tag, std::string_view text);

}  // namespace longshore::tmpl::yaml
