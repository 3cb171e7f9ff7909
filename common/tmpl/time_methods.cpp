// The methods of Go's time.Time, Month, Weekday and *Location that a template can call.
#include <cstdlib>
#include <ctime>

#include "common/tmpl/eval.h"
#include "common/tmpl/text_tools.h"
#include "common/tmpl/time_duration.h"
#include "common/tmpl/time_encode.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::gotime {
namespace {

using Args = std::span<const Value>;

constexpr std::int64_t kSecond = 1'000'000'000;

Result<Value> text_of_self(Call&, const Value& self, Args) {
  return Value::string(self.type().text(self));
}
constexpr MethodOps kStringer[] = {{"String", {}, text_of_self}};

std::string name_of_month(const Value& month) {
  Time first;
  first.seconds = days_from(2000, static_cast<unsigned>(month.as_int()), 1) * 86400;
  return format(first, "January");
}
std::string name_of_day(const Value& day) {
  Time sunday;
  sunday.seconds = (days_from(2000, 1, 2) + day.as_int()) * 86400;  // 2 January 2000 was a Sunday
  return format(sunday, "Monday");
}
constexpr Type kMonth{.kind = Kind::int_, .name = "time.Month", .methods = kStringer, .text = name_of_month};
constexpr Type kWeekday{.kind = Kind::int_, .name = "time.Weekday", .methods = kStringer, .text = name_of_day};

// UTC, this machine's zone, or one that has an offset and perhaps a name.
struct Location {
  std::int32_t offset = 0;
  std::string zone;
  bool local = false;
};
// Go names this machine's zone as TZ does.
std::string local_name() {
  const char* const set = std::getenv("TZ");
  if (set == nullptr) return "Local";
  std::string_view name = set;
  if (name.starts_with(':')) name.remove_prefix(1);
  if (name == "/etc/localtime") return "Local";
  return name.empty() ? "UTC" : std::string(name);
}
std::string name_of_location(const Value& self) {
  if (self.object() == nullptr) return "UTC";
  const auto& location = *static_cast<const Location*>(self.object());
  return location.local ? local_name() : location.zone;
}
constexpr Type kLocation{
    .kind = Kind::record, .name = "*time.Location", .methods = kStringer, .pointer = true, .text = name_of_location};

const Time& self_of(const Value& self) {
  const Time* time = as_time(self);
  static const Time zero;
  return time != nullptr ? *time : zero;
}

std::string to_string(const Value& self) {
  return format(self_of(self), "2006-01-02 15:04:05.999999999 -0700 MST");
}

std::string to_go_string(const Value& self) {
  const Time& time = self_of(self);
  const Date date = date_of(time);
  std::string out = "time.Date(" + std::to_string(date.year) + ", time." + name_of_month(Value::integer(date.month));
  for (const std::int64_t part : {std::int64_t{date.day}, std::int64_t{date.hour}, std::int64_t{date.minute},
                                  std::int64_t{date.second}, std::int64_t{time.nanos}})
    out += ", " + std::to_string(part);
  if (time.local) return out + ", time.Local)";
  if (time.offset == 0 && time.zone == "UTC") return out + ", time.UTC)";
  return out + ", time.Location(" + quote(time.zone) + "))";
}

// ---- what a time tells

template <std::int64_t (*Get)(const Time&), const Type* Of = &types::kInt>
Result<Value> number(Call&, const Value& self, Args) {
  return Value::integer(Get(self_of(self)), *Of);
}

std::int64_t year(const Time& time) {
  return date_of(time).year;
}
std::int64_t month(const Time& time) {
  return date_of(time).month;
}
std::int64_t day(const Time& time) {
  return date_of(time).day;
}
std::int64_t weekday(const Time& time) {
  return date_of(time).weekday;
}
std::int64_t year_day(const Time& time) {
  return date_of(time).year_day;
}
std::int64_t hour(const Time& time) {
  return date_of(time).hour;
}
std::int64_t minute(const Time& time) {
  return date_of(time).minute;
}
std::int64_t second(const Time& time) {
  return date_of(time).second;
}
std::int64_t nanosecond(const Time& time) {
  return time.nanos;
}
// Go's integers wrap around.
template <std::int64_t PerSecond>
std::int64_t unix_time(const Time& time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.seconds) * static_cast<std::uint64_t>(PerSecond) +
                                   static_cast<std::uint64_t>(time.nanos / (kSecond / PerSecond)));
}

std::pair<std::int64_t, std::int32_t> moment(const Time& time) {
  return {time.seconds, time.nanos};
}
std::int64_t order(const Time& left, const Time& right) {
  return moment(left) < moment(right) ? -1 : moment(left) > moment(right) ? 1 : 0;
}
Result<Value> compare(Call&, const Value& self, Args args) {
  return Value::integer(order(self_of(self), self_of(args[0])));
}
template <int Sign>
Result<Value> compared(Call&, const Value& self, Args args) {
  return Value::boolean(order(self_of(self), self_of(args[0])) == Sign);
}
Result<Value> is_zero(Call&, const Value& self, Args) {
  return Value::boolean(order(self_of(self), Time{}) == 0);
}
Result<Value> is_dst(Call&, const Value& self, Args) {
  const Time& time = self_of(self);
  const auto when = static_cast<std::time_t>(time.seconds);
  std::tm parts{};
  return Value::boolean(time.local && localtime_r(&when, &parts) != nullptr && parts.tm_isdst > 0);
}
Result<Value> location(Call&, const Value& self, Args) {
  const Time& time = self_of(self);
  return Value::view(kLocation, std::make_shared<const Location>(Location{time.offset, time.zone, time.local}));
}

// ---- the same moment elsewhere

Result<Value> to_utc(Call&, const Value& self, Args) {
  const Time& time = self_of(self);
  return time_value({.seconds = time.seconds, .nanos = time.nanos});
}
Result<Value> to_local(Call&, const Value& self, Args) {
  return time_value(in_local_zone(self_of(self).seconds, self_of(self).nanos));
}
Result<Value> in(Call& call, const Value& self, Args args) {
  if (args[0].is_nil()) return base::fail(Errc::template_error, "time: missing Location in call to Time.In");
  const auto& where = *static_cast<const Location*>(args[0].object());
  if (where.local) return to_local(call, self, {});
  const Time& time = self_of(self);
  return time_value({time.seconds, time.nanos, where.offset, where.zone});
}

// ---- other moments

// This zone's time, so many nanoseconds later.
Time later(const Time& time, Wide nanoseconds) {
  const Wide total = Wide{time.seconds} * kSecond + time.nanos + nanoseconds;
  auto seconds = static_cast<std::int64_t>(total / kSecond);
  auto nanos = static_cast<std::int32_t>(total % kSecond);
  if (nanos < 0) {
    nanos += kSecond;
    --seconds;
  }
  if (time.local) return in_local_zone(seconds, nanos);
  Time out = time;
  out.seconds = seconds;
  out.nanos = nanos;
  return out;
}

Result<Value> add(Call&, const Value& self, Args args) {
  return time_value(later(self_of(self), args[0].as_int()));
}

Wide since_year_1(const Time& time) {
  return (Wide{time.seconds} - Time{}.seconds) * kSecond + time.nanos;
}

// The distance as far as an int64 holds it.
Result<Value> sub(Call&, const Value& self, Args args) {
  const Wide distance = since_year_1(self_of(self)) - since_year_1(self_of(args[0]));
  if (distance > INT64_MAX) return duration_value(INT64_MAX);
  if (distance < INT64_MIN) return duration_value(INT64_MIN);
  return duration_value(static_cast<std::int64_t>(distance));
}

// To a multiple of the unit, counted from the beginning of the year 1.
template <bool HalfUp>
Result<Value> to_multiple(Call&, const Value& self, Args args) {
  const Time& time = self_of(self);
  const Wide unit = args[0].as_int();
  if (unit <= 0) return self;
  Wide rest = since_year_1(time) % unit;
  if (rest < 0) rest += unit;
  return time_value(later(time, HalfUp && rest * 2 >= unit ? unit - rest : -rest));
}

// Months and days beyond the calendar's go on in the next ones.
Result<Value> add_date(Call&, const Value& self, Args args) {
  const Time& time = self_of(self);
  const Date date = date_of(time);
  constexpr std::int64_t kMost = 1'000'000'000;  // years, months or days; Go's arithmetic wraps around far beyond
  for (const Value& arg : args)
    if (arg.as_int() > kMost || arg.as_int() < -kMost) return base::fail(Errc::template_error, "date out of range");
  const std::int64_t months = date.month - 1 + args[1].as_int();
  const std::int64_t carried = months >= 0 ? months / 12 : -((11 - months) / 12);
  const std::int64_t first =
      days_from(date.year + args[0].as_int() + carried, static_cast<unsigned>(months - carried * 12) + 1, 1);
  const std::int64_t wall =
      (first + date.day - 1 + args[2].as_int()) * 86400 + date.hour * 3600 + date.minute * 60 + date.second;
  if (time.local) return time_value(in_local_zone(local_seconds(wall), time.nanos));
  Time out = time;
  out.seconds = wall - time.offset;
  return time_value(std::move(out));
}

// ---- as text

Result<Value> formatted(Call& call, const Value& self, Args args) {
  LS_TRY_STATUS(call.check_size(args[0].size() * 16));
  return Value::string(format(self_of(self), args[0].as_string()));
}
Result<Value> go_string(Call&, const Value& self, Args) {
  return Value::string(to_go_string(self));
}

constexpr std::string_view kClock = "function Clock has 3 return values; should be 1 or 2";
constexpr std::string_view kDate = "function Date has 3 return values; should be 1 or 2";
constexpr std::string_view kIsoWeek =
    "invalid function signature for ISOWeek: second return value should be error; is int";
constexpr std::string_view kZone = "invalid function signature for Zone: second return value should be error; is int";
constexpr std::string_view kZoneBounds =
    "invalid function signature for ZoneBounds: second return value should be error; is time.Time";

constexpr const Type* kOneString[] = {&types::kString};
constexpr const Type* kThreeInts[] = {&types::kInt, &types::kInt, &types::kInt};
constexpr const Type* kOneList[] = {&types::kBytes};
constexpr const Type* kListAndString[] = {&types::kBytes, &types::kString};
constexpr const Type* kOneLocation[] = {&kLocation};
const Type* const kOneTime[] = {&time_type()};
const Type* const kOneDuration[] = {&duration_type()};

const MethodOps kMethods[] = {
    {"Add", kOneDuration, add},
    {"AddDate", kThreeInts, add_date},
    {"After", kOneTime, compared<1>},
    {"AppendBinary", kOneList, append_binary},
    {"AppendFormat", kListAndString, append_format},
    {"AppendText", kOneList, append_text},
    {"Before", kOneTime, compared<-1>},
    {"Clock", {}, nullptr, false, kClock},
    {"Compare", kOneTime, compare},
    {"Date", {}, nullptr, false, kDate},
    {"Day", {}, number<day>},
    {"Equal", kOneTime, compared<0>},
    {"Format", kOneString, formatted},
    {"GoString", {}, go_string},
    {"GobEncode", {}, marshal_binary},
    {"Hour", {}, number<hour>},
    {"ISOWeek", {}, nullptr, false, kIsoWeek},
    {"In", kOneLocation, in},
    {"IsDST", {}, is_dst},
    {"IsZero", {}, is_zero},
    {"Local", {}, to_local},
    {"Location", {}, location},
    {"MarshalBinary", {}, marshal_binary},
    {"MarshalJSON", {}, marshal_json},
    {"MarshalText", {}, marshal_text},
    {"Minute", {}, number<minute>},
    {"Month", {}, number<month, &kMonth>},
    {"Nanosecond", {}, number<nanosecond>},
    {"Round", kOneDuration, to_multiple<true>},
    {"Second", {}, number<second>},
    {"String", {}, text_of_self},
    {"Sub", kOneTime, sub},
    {"Truncate", kOneDuration, to_multiple<false>},
    {"UTC", {}, to_utc},
    {"Unix", {}, number<unix_time<1>, &types::kInt64>},
    {"UnixMicro", {}, number<unix_time<1'000'000>, &types::kInt64>},
    {"UnixMilli", {}, number<unix_time<1'000>, &types::kInt64>},
    {"UnixNano", {}, number<unix_time<kSecond>, &types::kInt64>},
    {"Weekday", {}, number<weekday, &kWeekday>},
    {"Year", {}, number<year>},
    {"YearDay", {}, number<year_day>},
    {"Zone", {}, nullptr, false, kZone},
    {"ZoneBounds", {}, nullptr, false, kZoneBounds},
};

}  // namespace

const Type& time_type() {
  static const Type type{
      .kind = Kind::record, .name = "time.Time", .methods = kMethods, .text = to_string, .go_text = to_go_string};
  return type;
}

const Type& time_pointer_type() {
  static const Type type{.kind = Kind::record,
                         .name = "*time.Time",
                         .methods = kMethods,
                         .pointer = true,
                         .text = to_string,
                         .go_text = to_go_string};
  return type;
}

}  // namespace longshore::tmpl::gotime
