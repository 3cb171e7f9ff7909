// The 194 functions of sprig 3.3.0 that depend only on their arguments, each as sprig_NAME (as consul-template offers
// them). What the README of this folder lists as random or time-based is not repeatable.
#pragma once
#include "common/tmpl/function_table.h"

namespace longshore::tmpl {

FunctionTable sprig_functions();

// consul-template's own two on the same merging: `source | mergeMap destination`, `… | mergeMapWithOverride
// destination`.
FunctionTable merge_map_functions();

}  // namespace longshore::tmpl
