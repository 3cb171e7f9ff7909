// What the codec's files share; nobody else includes it.
#pragma once
#include <string>
#include <string_view>

#include "common/base/text.h"
#include "common/json/fields.h"

namespace longshore::docker::detail {

inline Result<json::Value> parse_tolerant(std::string_view text, std::string_view what) {
  if (base::valid_utf8(text)) return json::parse(text, what);
  return json::parse(base::replace_invalid_utf8(text), what);
}

inline Result<json::Value> parse_object(std::string_view text, std::string_view what) {
  Result<json::Value> value = parse_tolerant(text, what);
  if (value && !value->is_object())
    return fail(Errc::protocol, std::string(what) + ": expected an object, found " + value->type_name());
  return value;
}

// Go reads an absent object as an empty one.
inline const json::Value& or_empty(const json::Value* object) {
  static const json::Value kEmpty = json::Value::object();
  return object == nullptr ? kEmpty : *object;
}

}  // namespace longshore::docker::detail
