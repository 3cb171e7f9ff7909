#include "common/tmpl/builtins.h"

namespace longshore::tmpl {

FunctionTable helper_functions() {
  FunctionTable table;
  add_text_helpers(table);
  add_regex_helpers(table);
  add_digest_helpers(table);
  add_list_helpers(table);
  add_group_helpers(table);
  add_number_helpers(table);
  add_json_helpers(table);
  add_host_helpers(table);
  add_scratch_helper(table);
  add_nginx_helpers(table);
  return table;
}

}  // namespace longshore::tmpl
