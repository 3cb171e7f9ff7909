// The groups of functions, each in its own file; sprig.cpp puts them together. Names here are without the prefix.
// Cold: they run once, at start, and lie together in the executable, so that few of its pages are ever read.
#pragma once
#include "common/tmpl/function_table.h"

namespace longshore::tmpl::sprig {

[[gnu::cold]] void add_text(FunctionTable& table);
[[gnu::cold]] void add_case(FunctionTable& table);
[[gnu::cold]] void add_layout(FunctionTable& table);  // indent, wrap, abbreviations
[[gnu::cold]] void add_defaults(FunctionTable& table);
[[gnu::cold]] void add_lists(FunctionTable& table);
[[gnu::cold]] void add_list_parts(FunctionTable& table);
[[gnu::cold]] void add_dicts(FunctionTable& table);
[[gnu::cold]] void add_merge(FunctionTable& table);
[[gnu::cold]] void add_merge_map(FunctionTable& table);
[[gnu::cold]] void add_numbers(FunctionTable& table);
[[gnu::cold]] void add_decimals(FunctionTable& table);
[[gnu::cold]] void add_encodings(FunctionTable& table);
[[gnu::cold]] void add_passwords(FunctionTable& table);
[[gnu::cold]] void add_ciphers(FunctionTable& table);
[[gnu::cold]] void add_certificates(FunctionTable& table);
[[gnu::cold]] void add_versions(FunctionTable& table);
[[gnu::cold]] void add_urls(FunctionTable& table);
[[gnu::cold]] void add_paths(FunctionTable& table);
[[gnu::cold]] void add_reflection(FunctionTable& table);
[[gnu::cold]] void add_dates(FunctionTable& table);
[[gnu::cold]] void add_patterns(FunctionTable& table);
[[gnu::cold]] void add_json(FunctionTable& table);

}  // namespace longshore::tmpl::sprig
