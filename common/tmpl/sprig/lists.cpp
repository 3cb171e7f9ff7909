// list tuple append push prepend concat chunk reverse uniq without has compact: lists from lists, and their must forms,
// which say the same in Go's panics and in its errors.
#include <cmath>

#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kInt;

constexpr Type kListOfLists = types::list_of("[][]interface {}", types::kListOfAny);

Result<Value> list(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args.size()));
  return make_list({args.begin(), args.end()});
}

Status check_list(const Value& value, std::string_view what) {
  if (is_nothing(value)) return bad(kNilDereference);
  if (!is_list(value)) return bad(std::string(what) + std::string(kind_name(value)));
  return {};
}

Result<Value> append(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot push on type "));
  LS_TRY(elements, elements_of(call, args[0]));
  elements.push_back(args[1]);
  return make_list(std::move(elements));
}

Result<Value> prepend(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot prepend on type "));
  LS_TRY(elements, elements_of(call, args[0]));
  elements.insert(elements.begin(), args[1]);
  return make_list(std::move(elements));
}

Result<Value> concat(Call& call, Args args) {
  std::vector<Value> all;
  for (const Value& each : args) {
    if (is_nothing(each)) return bad(kNilDereference);
    if (!is_list(each)) return bad("Cannot concat type " + std::string(kind_name(each)) + " as list");
    LS_TRY(elements, elements_of(call, each));
    all.insert(all.end(), elements.begin(), elements.end());
    LS_TRY_STATUS(call.check_size(all.size() * sizeof(Value)));
  }
  if (all.empty()) return Value::nil_of(types::kListOfAny);
  return make_list(std::move(all));
}

// What a size below 1 gives is what the original's rounding makes of it: no part, one part of one element, or an error.
Result<Value> chunk_by_less_than_one(std::int64_t size, std::vector<Value> elements) {
  const auto wanted = static_cast<double>(size);
  const double parts = std::floor((static_cast<double>(elements.size()) - 1) / wanted) + 1;
  if (parts == 0) return Value::list(kListOfLists, {});
  if (parts != 1 || elements.size() != 1 || size >= -1) return bad("runtime error: makeslice: len out of range");
  return Value::list(kListOfLists, {make_list(std::move(elements))});
}

Result<Value> chunk(Call& call, Args args) {
  const std::int64_t size = args[0].as_int();
  LS_TRY_STATUS(check_list(args[1], "Cannot chunk type "));
  LS_TRY(elements, elements_of(call, args[1]));
  if (size < 1) return chunk_by_less_than_one(size, std::move(elements));
  std::vector<Value> chunks;
  for (std::size_t at = 0; at < elements.size(); at += static_cast<std::size_t>(size)) {
    const std::size_t count = std::min(static_cast<std::size_t>(size), elements.size() - at);
    const auto first = elements.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.push_back(make_list({first, first + static_cast<std::ptrdiff_t>(count)}));
  }
  return Value::list(kListOfLists, std::move(chunks));
}

Result<Value> reverse(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find reverse on type "));
  LS_TRY(elements, elements_of(call, args[0]));
  return make_list({elements.rbegin(), elements.rend()});
}

Result<bool> contains(Call& call, Args haystack, const Value& needle) {
  for (const Value& each : haystack) {
    LS_TRY(same, deep_equal(call, needle, each));
    if (same) return true;
  }
  return false;
}

Result<Value> uniq(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find uniq on type "));
  LS_TRY(elements, elements_of(call, args[0]));
  std::vector<Value> kept;
  for (const Value& element : elements) {
    LS_TRY(known, contains(call, kept, element));
    if (!known) kept.push_back(element);
  }
  return make_list(std::move(kept));
}

Result<Value> without(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot find without on type "));
  LS_TRY(elements, elements_of(call, args[0]));
  std::vector<Value> kept;
  for (const Value& element : elements) {
    LS_TRY(omitted, contains(call, args.subspan(1), element));
    if (!omitted) kept.push_back(element);
  }
  return make_list(std::move(kept));
}

Result<Value> has(Call& call, Args args) {
  if (is_nothing(args[1])) return Value::boolean(false);
  LS_TRY_STATUS(check_list(args[1], "Cannot find has on type "));
  LS_TRY(elements, elements_of(call, args[1]));
  LS_TRY(found, contains(call, elements, args[0]));
  return Value::boolean(found);
}

Result<Value> compact(Call& call, Args args) {
  LS_TRY_STATUS(check_list(args[0], "Cannot compact on type "));
  LS_TRY(elements, elements_of(call, args[0]));
  std::erase_if(elements, is_empty);
  return make_list(std::move(elements));
}

}  // namespace

void add_lists(FunctionTable& table) {
  add(table, "list", {&kAny}, list, true);
  add(table, "tuple", {&kAny}, list, true);
  for (const char* name : {"append", "push", "mustAppend", "mustPush"}) add(table, name, {&kAny, &kAny}, append);
  for (const char* name : {"prepend", "mustPrepend"}) add(table, name, {&kAny, &kAny}, prepend);
  add(table, "concat", {&kAny}, concat, true);
  for (const char* name : {"chunk", "mustChunk"}) add(table, name, {&kInt, &kAny}, chunk);
  for (const char* name : {"reverse", "mustReverse"}) add(table, name, {&kAny}, reverse);
  for (const char* name : {"uniq", "mustUniq"}) add(table, name, {&kAny}, uniq);
  for (const char* name : {"without", "mustWithout"}) add(table, name, {&kAny, &kAny}, without, true);
  for (const char* name : {"has", "mustHas"}) add(table, name, {&kAny, &kAny}, has);
  for (const char* name : {"compact", "mustCompact"}) add(table, name, {&kAny}, compact);
}

}  // namespace longshore::tmpl::sprig
