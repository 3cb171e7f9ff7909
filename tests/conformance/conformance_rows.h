// What a row of the conformance data gives in our engine; see golden.go for the members of a row.
#pragma once
#include <string>

#include "common/json/json.h"
#include "common/tmpl/function_table.h"

namespace longshore::conformance {

// The text, or "error: " and the error's text.
std::string outcome(const json::Value& row, const tmpl::Functions& table);
// The row's outcome, as hexadecimal digits if it is meant so.
std::string wanted(const json::Value& row);
std::string to_hex(std::string_view bytes);

}  // namespace longshore::conformance
