// first last rest initial slice: parts of lists, and their must forms; until untilStep seq: lists of numbers.
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kInt;

Status check_list(const Value& value, std::string_view what) {
  if (is_nothing(value)) return bad(kNilDereference);
  if (!is_list(value)) return bad(std::string(what) + std::string(kind_name(value)));
  return {};
}

Result<Value> first(Call&, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find first on type "));
  return args[0].size() == 0 ? Value::nil() : args[0].at(0).unbox();
}

Result<Value> last(Call&, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find last on type "));
  return args[0].size() == 0 ? Value::nil() : args[0].at(args[0].size() - 1).unbox();
}

Result<Value> rest(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find rest on type "));
  if (args[0].size() == 0) return Value::nil_of(types::kListOfAny);
  LS_TRY(elements, elements_of(call, args[0]));
  elements.erase(elements.begin());
  return make_list(std::move(elements));
}

Result<Value> initial(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find initial on type "));
  if (args[0].size() == 0) return Value::nil_of(types::kListOfAny);
  LS_TRY(elements, elements_of(call, args[0]));
  elements.pop_back();
  return make_list(std::move(elements));
}

// The element type stays. Go cuts up to the capacity, which has no counterpart here: the end is the length.
Result<Value> slice(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "list should be type of slice or array but "));
  const auto size = static_cast<std::int64_t>(args[0].size());
  if (size == 0) return Value::nil();
  const std::int64_t start = args.size() > 1 ? to_int64(args[1]) : 0;
  const std::int64_t end = args.size() > 2 ? to_int64(args[2]) : size;
  if (start < 0 || start > end || end > size) return bad("reflect.Value.Slice: slice index out of bounds");
  LS_TRY(elements, elements_of(call, args[0]));
  const auto begin = elements.begin();
  return Value::list(args[0].type(),
                     {begin + static_cast<std::ptrdiff_t>(start), begin + static_cast<std::ptrdiff_t>(end)});
}

Result<std::vector<std::int64_t>> steps(Call& call, std::int64_t start, std::int64_t stop, std::int64_t step) {
  std::vector<std::int64_t> out;
  if ((stop < start && step >= 0) || (stop >= start && step <= 0)) return out;
  const std::uint64_t distance = stop < start ? static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop)
                                              : static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start);
  const std::uint64_t width = step < 0 ? 0 - static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(step);
  const std::uint64_t count = distance / width + (distance % width != 0 ? 1 : 0);
  LS_TRY_STATUS(call.charge(count));
  LS_TRY_STATUS(call.check_size(count > SIZE_MAX / sizeof(Value) ? SIZE_MAX : count * sizeof(Value)));
  for (std::uint64_t i = 0; i < count; ++i)
    out.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + i * static_cast<std::uint64_t>(step)));
  return out;
}

Value numbers(const std::vector<std::int64_t>& values) {
  std::vector<Value> out;
  out.reserve(values.size());
  for (const std::int64_t value : values) out.push_back(Value::integer(value));
  return Value::list(types::kListOfInt, std::move(out));
}

Result<Value> until(Call& call, Args args) {
  const std::int64_t count = args[0].as_int();
  LS_TRY(values, steps(call, 0, count, count < 0 ? -1 : 1));
  return numbers(values);
}

Result<Value> until_step(Call& call, Args args) {
  LS_TRY(values, steps(call, args[0].as_int(), args[1].as_int(), args[2].as_int()));
  return numbers(values);
}

std::int64_t plus(std::int64_t left, std::int64_t right) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) + static_cast<std::uint64_t>(right));
}

// As the program of that name: seq END, seq START END, seq START STEP END.
Result<Value> seq(Call& call, Args args) {
  if (args.empty() || args.size() > 3) return Value::string("");
  const std::int64_t start = args.size() == 1 ? 1 : args[0].as_int();
  const std::int64_t end = args.back().as_int();
  const std::int64_t direction = end < start ? -1 : 1;
  const std::int64_t step = args.size() == 3 ? args[1].as_int() : direction;
  if (args.size() == 3 && end < start && step > 0) return Value::string("");
  LS_TRY(values, steps(call, start, plus(end, direction), step));
  std::string out;
  for (const std::int64_t value : values) out += (out.empty() ? "" : " ") + std::to_string(value);
  return Value::string(std::move(out));
}

}  // namespace

void add_list_parts(FunctionTable& table) {
  for (const char* name : {"first", "mustFirst"}) add(table, name, {&kAny}, first);
  for (const char* name : {"last", "mustLast"}) add(table, name, {&kAny}, last);
  for (const char* name : {"rest", "mustRest"}) add(table, name, {&kAny}, rest);
  for (const char* name : {"initial", "mustInitial"}) add(table, name, {&kAny}, initial);
  for (const char* name : {"slice", "mustSlice"}) add(table, name, {&kAny, &kAny}, slice, true);
  add(table, "until", {&kInt}, until);
  add(table, "untilStep", {&kInt, &kInt, &kInt}, until_step);
  add(table, "seq", {&kInt}, seq, true);
}

}  // namespace longshore::tmpl::sprig
