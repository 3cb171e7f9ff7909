#include "common/tmpl/sprig/sprig.h"

#include "common/tmpl/sprig/groups.h"

namespace longshore::tmpl {

FunctionTable sprig_functions() {
  using Group = void (*)(FunctionTable&);
  constexpr Group kGroups[] = {sprig::add_text,    sprig::add_case,         sprig::add_layout,    sprig::add_defaults,
                               sprig::add_lists,   sprig::add_list_parts,   sprig::add_dicts,     sprig::add_merge,
                               sprig::add_numbers, sprig::add_decimals,     sprig::add_encodings, sprig::add_passwords,
                               sprig::add_ciphers, sprig::add_certificates, sprig::add_versions,  sprig::add_urls,
                               sprig::add_paths,   sprig::add_reflection,   sprig::add_dates,     sprig::add_patterns,
                               sprig::add_json};
  FunctionTable table;
  for (const Group add : kGroups) add(table);
  return table;
}

FunctionTable merge_map_functions() {
  FunctionTable table;
  sprig::add_merge_map(table);
  return table;
}

}  // namespace longshore::tmpl
