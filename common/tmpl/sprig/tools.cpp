#include "common/tmpl/sprig/tools.h"

#include <cmath>
#include <limits>

#include "common/tmpl/format.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/value_compare.h"

namespace longshore::tmpl::sprig {
namespace {

// Is the type one of Go's own, and not a named one such as time.Month?
bool predeclared(const Value& value) {
  for (const Type* type : {&types::kBool, &types::kInt, &types::kInt8, &types::kInt16, &types::kInt32, &types::kInt64,
                           &types::kUint, &types::kUint8, &types::kUint16, &types::kUint32, &types::kUint64,
                           &types::kFloat32, &types::kFloat64, &types::kString})
    if (same_type(value.type(), *type)) return true;
  return false;
}

// "8.000" means 8; anything else behind the point is left to fail.
std::string_view without_zero_decimals(std::string_view text) {
  const std::size_t last = text.find_last_not_of('0');
  if (last != std::string_view::npos && text[last] == '.' && last + 1 < text.size()) return text.substr(0, last);
  return text;
}

}  // namespace

std::int64_t to_int64(const Value& value) {
  if (is_nothing(value) || !predeclared(value)) return 0;
  if (value.kind() == Kind::boolean) return value.as_bool() ? 1 : 0;
  if (value.is_integer()) return value.as_int();
  if (value.is_float()) {
    // What amd64 gives for anything out of range.
    constexpr double kLimit = 9223372036854775808.0;
    const double number = value.as_float();
    return number >= -kLimit && number < kLimit ? static_cast<std::int64_t>(number)
                                                : std::numeric_limits<std::int64_t>::min();
  }
  if (value.is_string()) return parse_int(without_zero_decimals(value.as_string()), 0).value_or(0);
  return 0;
}

double to_float64(const Value& value) {
  if (is_nothing(value) || !predeclared(value)) return 0;
  if (value.kind() == Kind::boolean) return value.as_bool() ? 1 : 0;
  if (value.is_signed()) return static_cast<double>(value.as_int());
  if (value.is_unsigned()) return static_cast<double>(value.as_uint());
  if (value.is_float()) return value.as_float();
  if (value.is_string()) return parse_float(value.as_string()).value_or(0);
  return 0;
}

Result<std::string> print_plain(Call& call, const Value& value) {
  BoundedText out(call.max_bytes());
  const Value argument = value.valid() ? value.unbox() : Value::nil();
  printf(out, "%v", std::span(&argument, 1));
  if (out.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  return std::move(out.text);
}

Result<std::string> text_of(Call& call, const Value& value) {
  if (value.is_string() && value.type().text == nullptr) return std::string(value.as_string());
  if (value.kind() == Kind::list && same_type(value.type(), types::kBytes)) {
    std::string bytes;
    for (std::size_t i = 0; i < value.size(); ++i) bytes += static_cast<char>(value.at(i).as_uint());
    return bytes;
  }
  return print_plain(call, value);
}

bool is_empty(const Value& value) {
  return !truth(value);
}

std::string_view kind_name(const Value& value) {
  constexpr std::string_view kNames[] = {"invalid", "bool",    "int",     "int8",      "int16",      "int32",
                                         "int64",   "uint",    "uint8",   "uint16",    "uint32",     "uint64",
                                         "uintptr", "float32", "float64", "complex64", "complex128", "string",
                                         "slice",   "map",     "struct",  "chan",      "func",       "invalid"};
  if (value.kind() == Kind::list && value.type().array) return "array";
  if (value.is_pointer()) return "ptr";
  return kNames[static_cast<std::size_t>(value.kind())];
}

bool is_list(const Value& value) {
  return value.kind() == Kind::list;
}

Result<std::vector<Value>> elements_of(Call& call, const Value& list) {
  LS_TRY_STATUS(call.charge(1 + list.size()));
  std::vector<Value> out;
  out.reserve(list.size() + 1);
  for (std::size_t i = 0; i < list.size(); ++i) out.push_back(list.at(i).unbox());
  return out;
}

Value make_list(std::vector<Value> elements) {
  return Value::list(types::kListOfAny, std::move(elements));
}

Status check_end(std::int64_t end, std::size_t length) {
  if (end < 0) return bad("runtime error: slice bounds out of range [:" + std::to_string(end) + "]");
  if (static_cast<std::uint64_t>(end) > length)
    return bad("runtime error: slice bounds out of range [:" + std::to_string(end) + "] with length " +
               std::to_string(length));
  return {};
}

Status check_start(std::int64_t start, std::size_t length) {
  if (start < 0) return bad("runtime error: slice bounds out of range [" + std::to_string(start) + ":]");
  if (static_cast<std::uint64_t>(start) > length)
    return bad("runtime error: slice bounds out of range [" + std::to_string(start) + ":" + std::to_string(length) +
               "]");
  return {};
}

Status check_bounds(std::int64_t start, std::int64_t end, std::size_t length) {
  LS_TRY_STATUS(check_end(end, length));
  if (start < 0) return bad("runtime error: slice bounds out of range [" + std::to_string(start) + ":]");
  if (start > end)
    return bad("runtime error: slice bounds out of range [" + std::to_string(start) + ":" + std::to_string(end) + "]");
  return {};
}

void add(FunctionTable& table, std::string_view name, std::vector<const Type*> params, FunctionBody body,
         bool variadic) {
  table.add("sprig_" + std::string(name), std::move(params), body, variadic);
}

}  // namespace longshore::tmpl::sprig
