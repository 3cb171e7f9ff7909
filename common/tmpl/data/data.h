// consul-template's functions for whole documents: parseYAML toYAML toTOML spew_dump spew_printf spew_sdump
// spew_sprintf.
#pragma once
#include "common/tmpl/function_table.h"

namespace longshore::tmpl {

FunctionTable data_functions();

}  // namespace longshore::tmpl
