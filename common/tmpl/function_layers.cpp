#include "common/tmpl/builtins.h"

namespace longshore::tmpl {

FunctionTable builtin_functions() {
  FunctionTable table;
  add_core_builtins(table);
  add_comparison_builtins(table);
  add_text_builtins(table);
  return table;
}

}  // namespace longshore::tmpl
