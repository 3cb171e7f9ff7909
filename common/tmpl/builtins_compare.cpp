// eq ne lt le gt ge
#include "common/tmpl/builtins.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/value_compare.h"

namespace longshore::tmpl {
namespace {

Result<bool> checked(std::expected<bool, std::string> answer) {
  if (answer) return *answer;
  return base::fail(Errc::template_error, std::move(answer.error()));
}

Result<bool> is_equal(const Value& left, const Value& right) {
  return checked(equal(left, right));
}
Result<bool> is_less(const Value& left, const Value& right) {
  return checked(less(left, right));
}
Result<bool> is_at_most(const Value& left, const Value& right) {
  LS_TRY(below, is_less(left, right));
  if (below) return true;
  return is_equal(left, right);
}

Result<Value> eq(Call&, Args args) {
  if (args.size() == 1) return base::fail(Errc::template_error, "missing argument for comparison");
  for (const Value& other : args.subspan(1)) {
    LS_TRY(same, is_equal(args[0], other));
    if (same) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Result<Value> ne(Call&, Args args) {
  LS_TRY(same, is_equal(args[0], args[1]));
  return Value::boolean(!same);
}

Result<Value> lt(Call&, Args args) {
  LS_TRY(below, is_less(args[0], args[1]));
  return Value::boolean(below);
}

Result<Value> le(Call&, Args args) {
  LS_TRY(at_most, is_at_most(args[0], args[1]));
  return Value::boolean(at_most);
}

Result<Value> gt(Call&, Args args) {
  LS_TRY(at_most, is_at_most(args[0], args[1]));
  return Value::boolean(!at_most);
}

Result<Value> ge(Call&, Args args) {
  LS_TRY(below, is_less(args[0], args[1]));
  return Value::boolean(!below);
}

}  // namespace

void add_comparison_builtins(FunctionTable& table) {
  const auto* any = &types::kReflectValue;
  table.add("eq", {any, any}, eq, true);
  table.add("ne", {any, any}, ne);
  table.add("lt", {any, any}, lt);
  table.add("le", {any, any}, le);
  table.add("gt", {any, any}, gt);
  table.add("ge", {any, any}, ge);
}

}  // namespace longshore::tmpl
