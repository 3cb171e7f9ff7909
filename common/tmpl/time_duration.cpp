#include "common/tmpl/time_duration.h"

#include "common/base/duration.h"
#include "common/tmpl/eval.h"

namespace longshore::tmpl::gotime {
namespace {

using Args = std::span<const Value>;

std::string to_string(const Value& self) {
  return base::format_duration(base::Duration(self.as_int()));
}

// Whole units and the rest are converted apart, so that little is lost.
template <std::int64_t Unit>
Result<Value> as_float(Call&, const Value& self, Args) {
  const std::int64_t whole = self.as_int() / Unit;
  const std::int64_t rest = self.as_int() % Unit;
  return Value::floating(static_cast<double>(whole) + static_cast<double>(rest) / static_cast<double>(Unit));
}

template <std::int64_t Unit>
Result<Value> as_integer(Call&, const Value& self, Args) {
  return Value::integer(self.as_int() / Unit, types::kInt64);
}

// Halves away from zero; what does not fit is the nearest that does.
Result<Value> rounded(Call&, const Value& self, Args args) {
  const Wide value = self.as_int();
  const Wide unit = args[0].as_int();
  if (unit <= 0) return self;
  const Wide rest = value % unit;
  Wide out = value - rest;
  if (rest < 0 && -rest * 2 >= unit) out -= unit;
  if (rest > 0 && rest * 2 >= unit) out += unit;
  if (out > INT64_MAX) out = INT64_MAX;
  if (out < INT64_MIN) out = INT64_MIN;
  return duration_value(static_cast<std::int64_t>(out));
}

Result<Value> truncated(Call&, const Value& self, Args args) {
  const std::int64_t unit = args[0].as_int();
  return unit <= 0 ? self : duration_value(self.as_int() - self.as_int() % unit);
}

Result<Value> absolute(Call&, const Value& self, Args) {
  const std::int64_t value = self.as_int();
  if (value >= 0) return self;
  return duration_value(value == INT64_MIN ? INT64_MAX : -value);
}

Result<Value> as_string(Call&, const Value& self, Args) {
  return Value::string(to_string(self));
}

const Type* const kOneDuration[] = {&duration_type()};
const MethodOps kMethods[] = {
    {"Abs", {}, absolute},
    {"Hours", {}, as_float<3'600'000'000'000>},
    {"Microseconds", {}, as_integer<1'000>},
    {"Milliseconds", {}, as_integer<1'000'000>},
    {"Minutes", {}, as_float<60'000'000'000>},
    {"Nanoseconds", {}, as_integer<1>},
    {"Round", kOneDuration, rounded},
    {"Seconds", {}, as_float<1'000'000'000>},
    {"String", {}, as_string},
    {"Truncate", kOneDuration, truncated},
};

}  // namespace

const Type& duration_type() {
  static const Type type{.kind = Kind::int64, .name = "time.Duration", .methods = kMethods, .text = to_string};
  return type;
}

Value duration_value(std::int64_t nanoseconds) {
  return Value::integer(nanoseconds, duration_type());
}

}  // namespace longshore::tmpl::gotime
