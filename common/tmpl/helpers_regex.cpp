// regexMatch regexReplaceAll
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/regexp.h"

namespace longshore::tmpl {
namespace {

using types::kString;

Result<Value> regex_match(Call& call, Args args) {
  LS_TRY(pattern, regexp::compile(call, args[0].as_string()));
  LS_TRY(found, regexp::matches(call, *pattern, args[1].as_string()));
  return Value::boolean(found);
}

Result<Value> regex_replace_all(Call& call, Args args) {
  LS_TRY(pattern, regexp::compile(call, args[0].as_string()));
  LS_TRY(text, regexp::replace_all(call, *pattern, args[2].as_string(), args[1].as_string()));
  return Value::string(std::move(text));
}

}  // namespace

void add_regex_helpers(FunctionTable& table) {
  table.add("regexMatch", {&kString, &kString}, regex_match);
  table.add("regexReplaceAll", {&kString, &kString, &kString}, regex_replace_all);
}

}  // namespace longshore::tmpl
