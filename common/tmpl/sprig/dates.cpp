// ago duration durationRound toDate mustToDate mustDateModify must_date_modify unixEpoch
#include <algorithm>
#include <chrono>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/sprig/tools.h"
#include "common/tmpl/text_tools.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::sprig {
namespace {

using gotime::as_time;
using gotime::in_local_zone;
using gotime::Time;
using gotime::time_type;
using gotime::time_value;
using std::chrono::nanoseconds;
using types::kAny;
using types::kString;

constexpr std::int64_t kSecond = 1'000'000'000;

Time now_of(Call& call) {
  const Time now = gotime::in_utc(call.host().now());
  return in_local_zone(now.seconds, now.nanos);
}

// Go's Since: what does not fit is the nearest duration.
std::int64_t since(Call& call, const Time& then) {
  const Time now = now_of(call);
  const std::int64_t seconds = now.seconds - then.seconds;
  constexpr std::int64_t kMost = INT64_MAX / kSecond;
  if (seconds >= kMost) return INT64_MAX;
  if (seconds <= -kMost) return INT64_MIN;
  return seconds * kSecond + (now.nanos - then.nanos);
}

// Go's Duration.Round(time.Second): halves away from zero.
std::int64_t rounded(std::int64_t duration) {
  const std::int64_t rest = duration % kSecond;
  const std::int64_t down = duration - rest;
  if (2 * rest >= kSecond) return down > INT64_MAX - kSecond ? INT64_MAX : down + kSecond;
  if (2 * rest <= -kSecond) return down < INT64_MIN + kSecond ? INT64_MIN : down - kSecond;
  return down;
}

bool is_exactly(const Value& value, const Type& type) {
  return !is_nothing(value) && same_type(value.type(), type);
}

Result<Value> ago(Call& call, Args args) {
  Time then = now_of(call);
  if (const Time* time = as_time(args[0])) then = *time;
  if (is_exactly(args[0], types::kInt64) || is_exactly(args[0], types::kInt)) then = in_local_zone(args[0].as_int());
  return Value::string(base::format_duration(nanoseconds(rounded(since(call, then)))));
}

std::int64_t nearest_int(std::string_view text) {
  const auto number = parse_int(text, 10);
  if (number) return *number;
  if (number.error() == NumberError::syntax) return 0;
  return text.starts_with('-') ? INT64_MIN : INT64_MAX;
}

Result<Value> duration(Call&, Args args) {
  std::int64_t seconds = 0;
  if (is_exactly(args[0], kString)) seconds = nearest_int(args[0].as_string());
  if (is_exactly(args[0], types::kInt64)) seconds = args[0].as_int();
  const auto bits = static_cast<std::uint64_t>(seconds) * static_cast<std::uint64_t>(kSecond);
  return Value::string(base::format_duration(nanoseconds(static_cast<std::int64_t>(bits))));
}

// The largest unit that fits more than once.
Result<Value> duration_round(Call& call, Args args) {
  std::int64_t given = 0;
  if (is_exactly(args[0], kString))
    if (const auto parsed = base::parse_duration(args[0].as_string())) given = parsed->count();
  if (is_exactly(args[0], types::kInt64)) given = args[0].as_int();
  if (const Time* time = as_time(args[0])) given = since(call, *time);
  const std::uint64_t size = given < 0 ? 0 - static_cast<std::uint64_t>(given) : static_cast<std::uint64_t>(given);
  struct Unit {
    std::uint64_t seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{365 * 86400, "y"}, {30 * 86400, "mo"}, {86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
  for (const Unit& unit : kUnits) {
    const std::uint64_t nanos = unit.seconds * static_cast<std::uint64_t>(kSecond);
    if (size > nanos) return Value::string(std::to_string(size / nanos) + unit.name);
  }
  return Value::string("0s");
}

Result<Value> to_date(Call&, Args args) {
  return time_value(gotime::parse(args[0].as_string(), args[1].as_string()).value_or(Time{}));
}

Result<Value> must_to_date(Call&, Args args) {
  LS_TRY(time, gotime::parse(args[0].as_string(), args[1].as_string()));
  return time_value(std::move(time));
}

// Go's reasons, for a text that is no duration.
std::string duration_error(std::string_view text) {
  const std::string shown = gotime::quoted(text);
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  constexpr std::string_view kDigits = "0123456789";
  while (!rest.empty()) {
    const std::string_view before = rest;
    rest.remove_prefix(std::min(rest.find_first_not_of(kDigits), rest.size()));
    std::size_t digits = before.size() - rest.size();
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      const std::size_t more = std::min(rest.find_first_not_of(kDigits), rest.size());
      digits += more;
      rest.remove_prefix(more);
    }
    if (digits == 0) break;
    const std::size_t size = std::min(rest.find_first_of(".0123456789"), rest.size());
    const std::string_view unit = rest.substr(0, size);
    if (unit.empty()) return "time: missing unit in duration " + shown;
    constexpr std::string_view kUnits[] = {"ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h"};
    if (std::ranges::find(kUnits, unit) == std::end(kUnits))
      return "time: unknown unit " + gotime::quoted(unit) + " in duration " + shown;
    rest.remove_prefix(size);
  }
  return "time: invalid duration " + shown;
}

Result<Value> must_date_modify(Call&, Args args) {
  const auto change = base::parse_duration(args[0].as_string());
  if (!change) return bad(duration_error(args[0].as_string()));
  const Time* time = as_time(args[1]);
  const Time from = time != nullptr ? *time : Time{};
  std::int64_t nanos = from.nanos + change->count() % kSecond;
  std::int64_t seconds = from.seconds + change->count() / kSecond;
  if (nanos < 0 || nanos >= kSecond) {
    seconds += nanos < 0 ? -1 : 1;
    nanos += nanos < 0 ? kSecond : -kSecond;
  }
  Time out = from;
  out.seconds = seconds;
  out.nanos = static_cast<std::int32_t>(nanos);
  if (from.local) out = in_local_zone(out.seconds, out.nanos);  // another season has another offset
  return time_value(std::move(out));
}

Result<Value> unix_epoch(Call&, Args args) {
  const Time* time = as_time(args[0]);
  return Value::string(std::to_string(time != nullptr ? time->seconds : Time{}.seconds));
}

}  // namespace

void add_dates(FunctionTable& table) {
  add(table, "ago", {&kAny}, ago);
  add(table, "duration", {&kAny}, duration);
  add(table, "durationRound", {&kAny}, duration_round);
  add(table, "toDate", {&kString, &kString}, to_date);
  add(table, "mustToDate", {&kString, &kString}, must_to_date);
  for (const char* name : {"mustDateModify", "must_date_modify"})
    add(table, name, {&kString, &time_type()}, must_date_modify);
  add(table, "unixEpoch", {&time_type()}, unix_epoch);
}

}  // namespace longshore::tmpl::sprig
