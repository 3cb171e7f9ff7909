// The data sets and functions of data.go, for our engine.
#pragma once
#include <optional>
#include <string_view>

#include "common/tmpl/function_table.h"
#include "common/tmpl/value.h"

namespace longshore::conformance {

std::optional<tmpl::Value> data_set(std::string_view name);
// Go's builtins, our helpers and the t* functions of data.go.
tmpl::Functions functions();

}  // namespace longshore::conformance
