// int int64 float64 atoi toDecimal add add1 sub mul div mod max biggest min maxf minf ceil floor round
#include <cmath>
#include <limits>

#include "common/tmpl/numbers.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kFloat64;
using types::kInt;
using types::kInt64;
using types::kString;

// Go's integers wrap.
std::int64_t wrapped(std::uint64_t bits) {
  return static_cast<std::int64_t>(bits);
}
std::uint64_t bits_of(const Value& value) {
  return static_cast<std::uint64_t>(to_int64(value));
}
Value int64(std::int64_t value) {
  return Value::integer(value, kInt64);
}

Result<Value> to_int(Call&, Args args) {
  return Value::integer(to_int64(args[0]));
}
Result<Value> to_long(Call&, Args args) {
  return int64(to_int64(args[0]));
}
Result<Value> to_float(Call&, Args args) {
  return Value::floating(to_float64(args[0]));
}

// Atoi with the error dropped: what is out of range becomes the nearest number.
Result<Value> atoi(Call&, Args args) {
  const auto number = parse_int(args[0].as_string(), 10);
  if (number) return Value::integer(*number);
  if (number.error() == NumberError::syntax) return Value::integer(0);
  return Value::integer(args[0].as_string().starts_with('-') ? std::numeric_limits<std::int64_t>::min()
                                                             : std::numeric_limits<std::int64_t>::max());
}

// Octal digits as they are printed; anything else is 0.
Result<Value> to_decimal(Call& call, Args args) {
  LS_TRY(printed, print_plain(call, args[0]));
  std::string_view text = printed;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const std::uint64_t limit = (std::uint64_t{1} << 63) - (negative ? 0 : 1);
  for (const char c : text) {
    if (c < '0' || c > '7' || number > limit >> 3) return int64(0);
    number = number * 8 + static_cast<std::uint64_t>(c - '0');
    if (number > limit) return int64(0);
  }
  return int64(wrapped(negative ? 0 - number : number));
}

Result<Value> add_all(Call&, Args args) {
  std::uint64_t sum = 0;
  for (const Value& each : args) sum += bits_of(each);
  return int64(wrapped(sum));
}
Result<Value> add_one(Call&, Args args) {
  return int64(wrapped(bits_of(args[0]) + 1));
}
Result<Value> subtract(Call&, Args args) {
  return int64(wrapped(bits_of(args[0]) - bits_of(args[1])));
}
Result<Value> multiply(Call&, Args args) {
  std::uint64_t product = 1;
  for (const Value& each : args) product *= bits_of(each);
  return int64(wrapped(product));
}

constexpr const char* kDivideByZero = "runtime error: integer divide by zero";

Result<Value> divide(Call&, Args args) {
  const std::int64_t left = to_int64(args[0]);
  const std::int64_t right = to_int64(args[1]);
  if (right == 0) return bad(kDivideByZero);
  return int64(right == -1 ? wrapped(0 - bits_of(args[0])) : left / right);
}
Result<Value> modulo(Call&, Args args) {
  const std::int64_t right = to_int64(args[1]);
  if (right == 0) return bad(kDivideByZero);
  return int64(right == -1 ? 0 : to_int64(args[0]) % right);
}

template <bool Largest>
Result<Value> extreme(Call&, Args args) {
  std::int64_t out = to_int64(args[0]);
  for (const Value& each : args.subspan(1))
    out = Largest ? std::max(out, to_int64(each)) : std::min(out, to_int64(each));
  return int64(out);
}

// Go's math.Max and Min: NaN wins, except over an infinity of that side; -0 is below 0.
template <bool Largest>
double extreme_of(double left, double right) {
  const double infinity = Largest ? HUGE_VAL : -HUGE_VAL;
  if (left == infinity || right == infinity) return infinity;
  if (std::isnan(left) || std::isnan(right)) return std::nan("");
  if (left == 0 && left == right) return std::signbit(left) == Largest ? right : left;
  return Largest ? std::max(left, right) : std::min(left, right);
}

template <bool Largest>
Result<Value> extreme_float(Call&, Args args) {
  double out = to_float64(args[0]);
  for (const Value& each : args.subspan(1)) out = extreme_of<Largest>(out, to_float64(each));
  return Value::floating(out);
}

Result<Value> ceil(Call&, Args args) {
  return Value::floating(std::ceil(to_float64(args[0])));
}
Result<Value> floor(Call&, Args args) {
  return Value::floating(std::floor(to_float64(args[0])));
}

// Go's math.Pow for a base of 10: beyond 22 digits it is less exact than C's.
double power_of_ten(std::int64_t exponent) {
  std::uint64_t left = exponent < 0 ? -static_cast<std::uint64_t>(exponent) : static_cast<std::uint64_t>(exponent);
  if (left >> 63U != 0) return 0;
  int binary = 0;
  int out_binary = 0;
  double factor = std::frexp(10.0, &binary);
  double out = 1;
  for (; left != 0; left >>= 1U) {
    constexpr int kFar = 1 << 12;
    if (binary > kFar) {
      out_binary += binary;
      break;
    }
    if ((left & 1U) != 0) {
      out *= factor;
      out_binary += binary;
    }
    factor *= factor;
    binary *= 2;
    if (factor < 0.5) {
      factor += factor;
      --binary;
    }
  }
  return exponent < 0 ? std::ldexp(1 / out, -out_binary) : std::ldexp(out, out_binary);
}

// round NUMBER PLACES [FRACTION FROM WHICH IT GOES UP]
Result<Value> round(Call&, Args args) {
  const double threshold = args.size() > 2 ? args[2].as_float() : 0.5;
  const double power = power_of_ten(args[1].as_int());
  const double digits = power * to_float64(args[0]);
  double whole = 0;
  const double fraction = std::isinf(digits) ? std::nan("") : std::modf(digits, &whole);
  return Value::floating((fraction >= threshold ? std::ceil(digits) : std::floor(digits)) / power);
}

}  // namespace

void add_numbers(FunctionTable& table) {
  add(table, "int", {&kAny}, to_int);
  add(table, "int64", {&kAny}, to_long);
  add(table, "float64", {&kAny}, to_float);
  add(table, "atoi", {&kString}, atoi);
  add(table, "toDecimal", {&kAny}, to_decimal);
  add(table, "add", {&kAny}, add_all, true);
  add(table, "add1", {&kAny}, add_one);
  add(table, "sub", {&kAny, &kAny}, subtract);
  add(table, "mul", {&kAny, &kAny}, multiply, true);
  add(table, "div", {&kAny, &kAny}, divide);
  add(table, "mod", {&kAny, &kAny}, modulo);
  for (const char* name : {"max", "biggest"}) add(table, name, {&kAny, &kAny}, extreme<true>, true);
  add(table, "min", {&kAny, &kAny}, extreme<false>, true);
  add(table, "maxf", {&kAny, &kAny}, extreme_float<true>, true);
  add(table, "minf", {&kAny, &kAny}, extreme_float<false>, true);
  add(table, "ceil", {&kAny}, ceil);
  add(table, "floor", {&kAny}, floor);
  add(table, "round", {&kAny, &kInt, &kFloat64}, round, true);
}

}  // namespace longshore::tmpl::sprig
