// The groups of data functions, each in its own file; recall.cpp puts them together.
#pragma once
#include "common/tmpl/function_table.h"

namespace longshore::render {

[[gnu::cold]] void add_mesh_functions(
    tmpl::FunctionTable& table);  // caRoots caLeaf partitions peerings exportedServices importedServices
[[gnu::cold]] void add_local_functions(
    tmpl::FunctionTable& table);  // file plugin writeToFile sockaddr nginxVersion nginxHas nginxModule
[[gnu::cold]] void add_site_functions(tmpl::FunctionTable& table);   // certificate claimedBy remark
[[gnu::cold]] void add_color_functions(tmpl::FunctionTable& table);  // family members

}  // namespace longshore::render
