// The groups of functions, each in its own file; sprig.cpp puts them together. Names here are without the prefix.
#pragma once
#include "common/tmpl/function_table.h"

namespace longshore::tmpl::sprig {

void add_text(FunctionTable& table);
void add_case(FunctionTable& table);
void add_layout(FunctionTable& table);  // indent, wrap, abbreviations
void add_defaults(FunctionTable& table);
void add_lists(FunctionTable& table);
void add_list_parts(FunctionTable& table);
void add_dicts(FunctionTable& table);
void add_merge(FunctionTable& table);
void add_numbers(FunctionTable& table);
void add_decimals(FunctionTable& table);
void add_encodings(FunctionTable& table);
void add_passwords(FunctionTable& table);
void add_ciphers(FunctionTable& table);
void add_certificates(FunctionTable& table);
void add_versions(FunctionTable& table);
void add_urls(FunctionTable& table);
void add_paths(FunctionTable& table);
void add_reflection(FunctionTable& table);
void add_dates(FunctionTable& table);
void add_patterns(FunctionTable& table);
void add_json(FunctionTable& table);

}  // namespace longshore::tmpl::sprig
