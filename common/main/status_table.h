// What `longshore status` prints, from the JSON of /v1/status. Pure.
#pragma once
#include <string>

#include "common/json/json.h"

namespace longshore::app {

// One component: its single values as "key: value" lines, its arrays of objects as tables with a column for each
// key. Nested objects become "outer.inner". Columns that name things come first.
std::string status_text(const json::Value& status);

}  // namespace longshore::app
