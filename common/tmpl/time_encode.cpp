#include "common/tmpl/time_encode.h"

#include <vector>

namespace longshore::tmpl::gotime {
namespace {

using EncoderArgs = std::span<const Value>;

constexpr std::string_view kRfc3339Nano = "2006-01-02T15:04:05.999999999Z07:00";

Time encoded_time(const Value& self) {
  const Time* const time = as_time(self);
  return time != nullptr ? *time : Time{};
}

Value bytes_of(std::string_view text) {
  std::vector<Value> out;
  out.reserve(text.size());
  for (const char c : text) out.push_back(Value::integer(static_cast<unsigned char>(c), types::kUint8));
  return Value::list(types::kBytes, std::move(out));
}

Result<Value> behind(Call& call, const Value& bytes, std::string_view text) {
  LS_TRY_STATUS(call.check_size((bytes.size() + text.size()) * sizeof(Value)));
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); ++at) out += static_cast<char>(bytes.at(at).as_uint());
  return bytes_of(out + std::string(text));
}

// Version, seconds since the year 1, nanoseconds, minutes east of UTC (-1: UTC itself) and, in version 2, seconds.
Result<std::string> binary(const Time& time) {
  const bool utc = !time.local && time.offset == 0 && time.zone == "UTC";
  const std::int32_t minutes = utc ? -1 : time.offset / 60;
  const std::int32_t rest = time.offset % 60;
  if (minutes < INT16_MIN || minutes > INT16_MAX || (!utc && minutes == -1))
    return base::fail(Errc::template_error, "Time.MarshalBinary: unexpected zone offset");
  std::string out(1, rest == 0 ? '\1' : '\2');
  const auto add = [&out](std::uint64_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>((number >> shift) & 0xFF);
  };
  add(static_cast<std::uint64_t>(time.seconds) - static_cast<std::uint64_t>(Time{}.seconds), 8);
  add(static_cast<std::uint64_t>(time.nanos), 4);
  add(static_cast<std::uint64_t>(minutes), 2);
  if (rest != 0) add(static_cast<std::uint64_t>(rest), 1);
  return out;
}

}  // namespace

Result<std::string> strict_text(const Time& time, const std::string& method) {
  const Date date = date_of(time);
  constexpr std::int32_t kDay = 86400;
  if (date.year < 0 || date.year > 9999)
    return base::fail(Errc::template_error, method + ": year outside of range [0,9999]");
  if (time.offset <= -kDay || time.offset >= kDay)
    return base::fail(Errc::template_error, method + ": timezone hour outside of range [0,23]");
  return format(time, kRfc3339Nano);
}

Result<Value> marshal_json(Call&, const Value& self, EncoderArgs) {
  LS_TRY(text, strict_text(encoded_time(self), "Time.MarshalJSON"));
  return bytes_of('"' + text + '"');
}

Result<Value> marshal_text(Call&, const Value& self, EncoderArgs) {
  LS_TRY(text, strict_text(encoded_time(self), "Time.MarshalText"));
  return bytes_of(text);
}

Result<Value> marshal_binary(Call&, const Value& self, EncoderArgs) {
  LS_TRY(text, binary(encoded_time(self)));
  return bytes_of(text);
}

Result<Value> append_format(Call& call, const Value& self, EncoderArgs args) {
  LS_TRY_STATUS(call.check_size(args[1].size() * 16));
  const std::string text = format(encoded_time(self), args[1].as_string());
  return behind(call, args[0], text);
}

Result<Value> append_text(Call& call, const Value& self, EncoderArgs args) {
  LS_TRY(text, strict_text(encoded_time(self), "Time.AppendText"));
  return behind(call, args[0], text);
}

Result<Value> append_binary(Call& call, const Value& self, EncoderArgs args) {
  LS_TRY(text, binary(encoded_time(self)));
  return behind(call, args[0], text);
}

}  // namespace longshore::tmpl::gotime
