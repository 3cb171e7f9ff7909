// JSON as Go's encoding/json reads and writes it, straight from and to Values: its number formats, escapes, key order
// and error texts. (common/json is for protocols; templates need Go's bytes.)
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/tmpl/format.h"

namespace longshore::tmpl {

// Objects are map[string]interface {}, arrays []interface {}, numbers float64. Nesting is bounded.
Result<Value> read_json(std::string_view text);

struct JsonStyle {
  bool pretty = false;       // two spaces
  bool escape_html = false;  // < > & as \u003c and so on
};
// Fails on what Go cannot marshal (functions, complex numbers, maps with other keys than strings and integers, NaN).
Status write_json(BoundedText& out, const Value& value, const JsonStyle& style);

}  // namespace longshore::tmpl
