// The only door to nlohmann_json: nothing here throws on foreign data, and depth is bounded.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::json {

// Objects are sorted by key: output is deterministic.
using Value = nlohmann::json;

constexpr int kMaxDepth = 512;

// protocol error with the byte offset and nlohmann's reason; `what` names the document in it.
Result<Value> parse(std::string_view text, std::string_view what);

// Malformed UTF-8 becomes U+FFFD. indent < 0: one line.
std::string dump(const Value& value, int indent = -1);

// The text below `key`; "" where there is none or it is of another type. `object` may be any value.
std::string text_or_empty(const Value& object, const char* key);

}  // namespace longshore::json
