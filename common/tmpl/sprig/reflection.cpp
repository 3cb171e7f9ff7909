// typeOf typeIs typeIsLike kindOf kindIs deepEqual
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kString;

std::string_view type_of(const Value& value) {
  return is_nothing(value) ? "<nil>" : value.type_name();
}

Result<Value> type_name(Call&, Args args) {
  return Value::string(std::string(type_of(args[0])));
}

Result<Value> type_is(Call&, Args args) {
  return Value::boolean(args[0].as_string() == type_of(args[1]));
}

Result<Value> type_is_like(Call&, Args args) {
  const std::string wanted(args[0].as_string());
  return Value::boolean(wanted == type_of(args[1]) || "*" + wanted == type_of(args[1]));
}

Result<Value> kind(Call&, Args args) {
  return Value::string(std::string(kind_name(args[0])));
}

Result<Value> kind_is(Call&, Args args) {
  return Value::boolean(args[0].as_string() == kind_name(args[1]));
}

Result<Value> equal(Call& call, Args args) {
  LS_TRY(same, deep_equal(call, args[0], args[1]));
  return Value::boolean(same);
}

}  // namespace

void add_reflection(FunctionTable& table) {
  add(table, "typeOf", {&kAny}, type_name);
  add(table, "typeIs", {&kString, &kAny}, type_is);
  add(table, "typeIsLike", {&kString, &kAny}, type_is_like);
  add(table, "kindOf", {&kAny}, kind);
  add(table, "kindIs", {&kString, &kAny}, kind_is);
  add(table, "deepEqual", {&kAny, &kAny}, equal);
}

}  // namespace longshore::tmpl::sprig
