#include "common/tmpl/time_value.h"

#include <chrono>
#include <ctime>

#include "common/tmpl/eval.h"

namespace longshore::tmpl::gotime {
namespace {

using Args = std::span<const Value>;

std::string name_of_month(const Value& month);
std::string name_of_day(const Value& day);

constexpr Type kMonth{.kind = Kind::int_, .name = "time.Month", .text = name_of_month};
constexpr Type kWeekday{.kind = Kind::int_, .name = "time.Weekday", .text = name_of_day};

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

const Time& self_of(const Value& self) {
  const Time* time = as_time(self);
  static const Time zero;
  return time != nullptr ? *time : zero;
}

std::string to_string(const Value& self) {
  return format(self_of(self), "2006-01-02 15:04:05.999999999 -0700 MST");
}

// A method that gives a number made by `Get`.
template <std::int64_t (*Get)(const Time&), const Type* Of = &types::kInt>
Result<Value> number(Call&, const Value& self, Args) {
  return Value::integer(Get(self_of(self)), *Of);
}

template <bool (*Compare)(const Time&, const Time&)>
Result<Value> compared(Call&, const Value& self, Args args) {
  return Value::boolean(Compare(self_of(self), self_of(args[0])));
}

std::pair<std::int64_t, std::int32_t> moment(const Time& time) {
  return {time.seconds, time.nanos};
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
std::int64_t unix_seconds(const Time& time) {
  return time.seconds;
}
std::int64_t unix_nanos(const Time& time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.seconds) * 1'000'000'000U +
                                   static_cast<std::uint64_t>(time.nanos));
}
bool after(const Time& left, const Time& right) {
  return moment(left) > moment(right);
}
bool before(const Time& left, const Time& right) {
  return moment(left) < moment(right);
}
bool same_moment(const Time& left, const Time& right) {
  return moment(left) == moment(right);
}

Result<Value> is_zero(Call&, const Value& self, Args) {
  return Value::boolean(same_moment(self_of(self), Time{}));
}
Result<Value> to_utc(Call&, const Value& self, Args) {
  const Time& time = self_of(self);
  return time_value({time.seconds, time.nanos, 0, "UTC"});
}
Result<Value> to_local(Call&, const Value& self, Args) {
  return time_value(in_local_zone(self_of(self).seconds, self_of(self).nanos));
}
Result<Value> formatted(Call& call, const Value& self, Args args) {
  LS_TRY_STATUS(call.check_size(args[0].size() * 16));
  return Value::string(format(self_of(self), args[0].as_string()));
}
Result<Value> as_string(Call&, const Value& self, Args) {
  return Value::string(to_string(self));
}

constexpr const Type* kOneString[] = {&types::kString};
const Type* const kOneTime[] = {&time_type()};

const MethodOps kMethods[] = {
    {"Format", kOneString, formatted},
    {"String", {}, as_string},
    {"Year", {}, number<year>},
    {"Month", {}, number<month, &kMonth>},
    {"Day", {}, number<day>},
    {"Weekday", {}, number<weekday, &kWeekday>},
    {"YearDay", {}, number<year_day>},
    {"Hour", {}, number<hour>},
    {"Minute", {}, number<minute>},
    {"Second", {}, number<second>},
    {"Nanosecond", {}, number<nanosecond>},
    {"Unix", {}, number<unix_seconds, &types::kInt64>},
    {"UnixNano", {}, number<unix_nanos, &types::kInt64>},
    {"IsZero", {}, is_zero},
    {"UTC", {}, to_utc},
    {"Local", {}, to_local},
    {"After", kOneTime, compared<after>},
    {"Before", kOneTime, compared<before>},
    {"Equal", kOneTime, compared<same_moment>},
};

}  // namespace

const Type& time_type() {
  static const Type type{.kind = Kind::record, .name = "time.Time", .methods = kMethods, .text = to_string};
  return type;
}

Value time_value(Time time) {
  return Value::view(time_type(), std::make_shared<const Time>(std::move(time)));
}

const Time* as_time(const Value& value) {
  if (value.kind() != Kind::record || &value.type() != &time_type()) return nullptr;
  return static_cast<const Time*>(value.object());
}

Zone local_zone(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (localtime_r(&when, &parts) == nullptr || parts.tm_zone == nullptr) return {};
  return {static_cast<std::int32_t>(parts.tm_gmtoff), parts.tm_zone};
}

Time in_local_zone(std::int64_t seconds, std::int32_t nanos) {
  Zone zone = local_zone(seconds);
  return {seconds, nanos, zone.offset, std::move(zone.name)};
}

Time in_utc(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds);
  return {seconds.time_since_epoch().count(), static_cast<std::int32_t>(nanos.count()), 0, "UTC"};
}

std::int64_t days_from(std::int64_t year, unsigned month, unsigned day) {
  // Years that start in March: the leap day is then the last one. 400 years have 146097 days.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t in_era = y - era * 400;
  const std::int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

Date date_of(const Time& time) {
  const std::int64_t total = time.seconds + time.offset;
  std::int64_t days = total / 86400;
  std::int64_t rest = total % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t in_era = shifted - era * 146097;
  const std::int64_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const std::int64_t in_year = in_era - (365 * years + years / 4 - years / 100);
  const std::int64_t index = (5 * in_year + 2) / 153;
  Date out{};
  out.month = static_cast<unsigned>(index < 10 ? index + 3 : index - 9);
  out.day = static_cast<unsigned>(in_year - (153 * index + 2) / 5 + 1);
  out.year = years + era * 400 + (out.month <= 2 ? 1 : 0);
  out.weekday = static_cast<unsigned>(((days % 7) + 11) % 7);  // 1 January 1970 was a Thursday
  out.year_day = static_cast<unsigned>(days - days_from(out.year, 1, 1)) + 1;
  out.hour = static_cast<unsigned>(rest / 3600);
  out.minute = static_cast<unsigned>(rest / 60 % 60);
  out.second = static_cast<unsigned>(rest % 60);
  return out;
}

}  // namespace longshore::tmpl::gotime
