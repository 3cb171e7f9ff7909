// What the files with functions share.
#pragma once
#include <string>

#include "common/tmpl/builtins.h"
#include "common/tmpl/eval.h"

namespace longshore::tmpl {

inline std::unexpected<Error> bad(std::string text) {
  return base::fail(Errc::template_error, std::move(text));
}
inline std::string text_of(const Value& value) {
  return std::string(value.as_string());
}
inline Value make_string(std::string_view text) {
  return Value::string(std::string(text));
}

// Go's quotes around a text in error messages of strconv.
std::string parse_error(std::string_view function, std::string_view go_name, std::string_view text, bool range);

}  // namespace longshore::tmpl
