// add subtract multiply divide modulo minimum maximum parseBool parseFloat parseInt parseUint
#include <limits>

#include "common/tmpl/format.h"
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {

std::string parse_error(std::string_view function, std::string_view go_name, std::string_view text, bool range) {
  return std::string(function) + ": strconv." + std::string(go_name) + ": parsing " + quote(text) +
         (range ? ": value out of range" : ": invalid syntax");
}

namespace {

using types::kAny;
using types::kString;

enum class Operation { add, subtract, multiply, divide, modulo, minimum, maximum };

std::unexpected<Error> unknown_type(const Call& call, const Value& value) {
  BoundedText quoted(1 << 16);
  printf(quoted, "%q", {&value, 1});
  const std::string shown =
      value.valid() && !value.is_nil_interface() ? quoted.text : std::string("<invalid reflect.Value>");
  return bad(std::string(call.name()) + ": unknown type for " + shown + " (" + std::string(value.type_name()) + ")");
}

bool is_number(const Value& value, bool floats) {
  if (value.kind() == Kind::uintptr) return false;
  return value.is_integer() || (floats && value.is_float());
}

double to_float(const Value& value) {
  if (value.is_float()) return value.as_float();
  return value.is_signed() ? static_cast<double>(value.as_int()) : static_cast<double>(value.as_uint());
}

// The operand itself in the widest type of its class.
Value widened(const Value& value) {
  if (value.is_float()) return Value::floating(value.as_float());
  return value.is_signed() ? Value::integer(value.as_int(), types::kInt64)
                           : Value::unsigned_integer(value.as_uint(), types::kUint64);
}

bool is_less(const Value& left, const Value& right) {
  if (left.is_float() || right.is_float()) return to_float(left) < to_float(right);
  if (left.is_unsigned() && right.is_unsigned()) return left.as_uint() < right.as_uint();
  return left.as_int() < right.as_int();
}

Result<Value> with_floats(Operation operation, double left, double right) {
  switch (operation) {
    case Operation::add:
      return Value::floating(left + right);
    case Operation::subtract:
      return Value::floating(left - right);
    case Operation::multiply:
      return Value::floating(left * right);
    default: {
      // IEEE division, also by zero.
      if (right != 0) return Value::floating(left / right);
      if (left == 0 || left != left || right != right) return Value::floating(std::numeric_limits<double>::quiet_NaN());
      const bool negative = __builtin_signbit(left) != __builtin_signbit(right);
      const double infinity = std::numeric_limits<double>::infinity();
      return Value::floating(negative ? -infinity : infinity);
    }
  }
}

// Wraps around like Go.
Result<Value> with_integers(Operation operation, std::uint64_t left, std::uint64_t right, bool is_signed) {
  const auto done = [&](std::uint64_t value) {
    return is_signed ? Value::integer(static_cast<std::int64_t>(value), types::kInt64)
                     : Value::unsigned_integer(value, types::kUint64);
  };
  switch (operation) {
    case Operation::add:
      return done(left + right);
    case Operation::subtract:
      return done(left - right);
    case Operation::multiply:
      return done(left * right);
    default:
      break;
  }
  if (right == 0) return bad("runtime error: integer divide by zero");
  const bool quotient = operation == Operation::divide;
  if (!is_signed) return done(quotient ? left / right : left % right);
  const auto a = static_cast<std::int64_t>(left);
  const auto b = static_cast<std::int64_t>(right);
  if (b == -1) return done(quotient ? 0 - left : 0);
  return done(static_cast<std::uint64_t>(quotient ? a / b : a % b));
}

// The last argument is the left operand, so that `10 | subtract 3` is 7.
template <Operation What>
Result<Value> arithmetic(Call& call, Args args) {
  const Value& left = args[1];
  const Value& right = args[0];
  constexpr bool kFloats = What != Operation::modulo;
  if (!is_number(left, kFloats)) return unknown_type(call, left);
  if (!is_number(right, kFloats)) return unknown_type(call, right);
  if constexpr (What == Operation::minimum) return widened(is_less(left, right) ? left : right);
  if constexpr (What == Operation::maximum) return widened(is_less(right, left) ? left : right);
  if (left.is_float() || right.is_float()) return with_floats(What, to_float(left), to_float(right));
  return with_integers(What, left.as_uint(), right.as_uint(), left.is_signed() || right.is_signed());
}

Result<Value> parse_bool(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return Value::boolean(true);
  for (const std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return Value::boolean(false);
  return bad(parse_error("parseBool", "ParseBool", text, false));
}

Result<Value> parse_a_float(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  if (text.empty()) return Value::floating(0);
  const auto number = parse_float(text);
  if (number) return Value::floating(*number);
  return bad(parse_error("parseFloat", "ParseFloat", text, number.error() == NumberError::range));
}

Result<Value> parse_an_int(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  if (text.empty()) return Value::integer(0, types::kInt64);
  const auto number = parse_int(text, 10);
  if (number) return Value::integer(*number, types::kInt64);
  return bad(parse_error("parseInt", "ParseInt", text, number.error() == NumberError::range));
}

Result<Value> parse_a_uint(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  if (text.empty()) return Value::unsigned_integer(0, types::kUint64);
  const auto number = parse_uint(text, 10);
  if (number) return Value::unsigned_integer(*number, types::kUint64);
  return bad(parse_error("parseUint", "ParseUint", text, number.error() == NumberError::range));
}

}  // namespace

void add_number_helpers(FunctionTable& table) {
  table.add("add", {&kAny, &kAny}, arithmetic<Operation::add>);
  table.add("subtract", {&kAny, &kAny}, arithmetic<Operation::subtract>);
  table.add("multiply", {&kAny, &kAny}, arithmetic<Operation::multiply>);
  table.add("divide", {&kAny, &kAny}, arithmetic<Operation::divide>);
  table.add("modulo", {&kAny, &kAny}, arithmetic<Operation::modulo>);
  table.add("minimum", {&kAny, &kAny}, arithmetic<Operation::minimum>);
  table.add("maximum", {&kAny, &kAny}, arithmetic<Operation::maximum>);
  table.add("parseBool", {&kString}, parse_bool);
  table.add("parseFloat", {&kString}, parse_a_float);
  table.add("parseInt", {&kString}, parse_an_int);
  table.add("parseUint", {&kString}, parse_a_uint);
}

}  // namespace longshore::tmpl
