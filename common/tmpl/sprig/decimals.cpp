// addf add1f subf mulf divf: exact decimals between floats.
#include <cmath>

#include "common/tmpl/sprig/decimal.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;

Result<Decimal> decimal_of(double number) {
  if (!std::isfinite(number)) {
    std::string text = std::isnan(number) ? "NaN" : number < 0 ? "-Inf" : "+Inf";
    return bad("Cannot create a Decimal from " + text);
  }
  return Decimal::from(number);
}

using Operation = Result<Decimal> (*)(const Decimal& left, const Decimal& right);

Result<Value> apply(Call& call, double first, Args rest, Operation operation) {
  LS_TRY(start, decimal_of(first));
  Decimal sum = std::move(start);
  for (const Value& each : rest) {
    LS_TRY_STATUS(call.charge(100));
    LS_TRY(next, decimal_of(to_float64(each)));
    LS_TRY(result, operation(sum, next));
    sum = std::move(result);
  }
  return Value::floating(sum.to_double());
}

Result<Value> add_all(Call& call, Args args) {
  return apply(call, 0, args, Decimal::add);
}

Result<Value> add_one(Call& call, Args args) {
  const Value one = Value::integer(1);
  return apply(call, to_float64(args[0]), std::span(&one, 1), Decimal::add);
}

template <Operation Apply>
Result<Value> from_first(Call& call, Args args) {
  return apply(call, to_float64(args[0]), args.subspan(1), Apply);
}

}  // namespace

void add_decimals(FunctionTable& table) {
  add(table, "addf", {&kAny}, add_all, true);
  add(table, "add1f", {&kAny}, add_one);
  add(table, "subf", {&kAny, &kAny}, from_first<Decimal::subtract>, true);
  add(table, "mulf", {&kAny, &kAny}, from_first<Decimal::multiply>, true);
  add(table, "divf", {&kAny, &kAny}, from_first<Decimal::divide>, true);
}

}  // namespace longshore::tmpl::sprig
