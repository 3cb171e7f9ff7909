// default empty coalesce all any ternary
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kBool;

Result<Value> default_value(Call&, Args args) {
  return args.size() < 2 || is_empty(args[1]) ? args[0] : args[1];
}

Result<Value> empty(Call&, Args args) {
  return Value::boolean(is_empty(args[0]));
}

Result<Value> coalesce(Call&, Args args) {
  for (const Value& value : args)
    if (!is_empty(value)) return value;
  return Value::nil();
}

Result<Value> all(Call&, Args args) {
  for (const Value& value : args)
    if (is_empty(value)) return Value::boolean(false);
  return Value::boolean(true);
}

Result<Value> any(Call&, Args args) {
  for (const Value& value : args)
    if (!is_empty(value)) return Value::boolean(true);
  return Value::boolean(false);
}

Result<Value> ternary(Call&, Args args) {
  return args[2].as_bool() ? args[0] : args[1];
}

}  // namespace

void add_defaults(FunctionTable& table) {
  add(table, "default", {&kAny, &kAny}, default_value, true);
  add(table, "empty", {&kAny}, empty);
  add(table, "coalesce", {&kAny}, coalesce, true);
  add(table, "all", {&kAny}, all, true);
  add(table, "any", {&kAny}, any, true);
  add(table, "ternary", {&kAny, &kAny, &kBool}, ternary);
}

}  // namespace longshore::tmpl::sprig
