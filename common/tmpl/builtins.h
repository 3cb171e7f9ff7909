// The groups of functions, each in its own file; function_layers.cpp puts them together.
// Cold: see sprig/groups.h.
#pragma once
#include "common/tmpl/function_table.h"

namespace longshore::tmpl {

// Go's own.
[[gnu::cold]] void add_core_builtins(FunctionTable& table);        // and or not len index slice call
[[gnu::cold]] void add_comparison_builtins(FunctionTable& table);  // eq ne lt le gt ge
[[gnu::cold]] void add_text_builtins(FunctionTable& table);        // print printf println html js urlquery

// consul-template's.
[[gnu::cold]] void add_text_helpers(FunctionTable& table);
[[gnu::cold]] void add_regex_helpers(FunctionTable& table);
[[gnu::cold]] void add_digest_helpers(FunctionTable& table);
[[gnu::cold]] void add_list_helpers(FunctionTable& table);
[[gnu::cold]] void add_group_helpers(FunctionTable& table);    // byKey byTag byPort byMeta
[[gnu::cold]] void add_explode_helpers(FunctionTable& table);  // explode explodeMap
[[gnu::cold]] void add_number_helpers(FunctionTable& table);
[[gnu::cold]] void add_json_helpers(FunctionTable& table);
[[gnu::cold]] void add_host_helpers(FunctionTable& table);  // env mustEnv envOrDefault timestamp executeTemplate
[[gnu::cold]] void add_scratch_helper(FunctionTable& table);
[[gnu::cold]] void add_nginx_helpers(FunctionTable& table);

}  // namespace longshore::tmpl
