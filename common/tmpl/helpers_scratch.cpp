// scratch: a notebook that lives as long as one evaluation.
#include <map>
#include <optional>

#include "common/tmpl/helper_tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

using types::kAny;
using types::kString;

// A value, or a map that MapSet fills; `value` is then made from it when it is asked for.
struct Slot {
  Value value;
  std::optional<std::map<std::string, Value, std::less<>>> map;
  bool stale = false;

  const Value& get() {
    if (stale) {
      std::vector<std::pair<std::string, Value>> entries(map->begin(), map->end());
      value = any_map(std::move(entries));
      stale = false;
    }
    return value;
  }
  // Opens a map value for changes; false if the value is something else.
  bool open() {
    if (map) return true;
    if (value.kind() != Kind::map || !same_type(value.type(), types::kMapOfAny)) return false;
    map.emplace();
    for (const auto& [key, element] : value.entries()) map->emplace(text_of(key), element.unbox());
    return true;
  }
};

struct Scratch {
  std::map<std::string, Slot, std::less<>> slots;
};

std::map<std::string, Slot, std::less<>>& slots(const Call& call) {
  return call.local<Scratch>().slots;
}

Result<Value> has_key(Call& call, const Value&, Args args) {
  return Value::boolean(slots(call).contains(args[0].as_string()));
}

Result<Value> get(Call& call, const Value&, Args args) {
  const auto found = slots(call).find(args[0].as_string());
  return found == slots(call).end() ? Value::nil() : found->second.get();
}

template <bool Overwrite>
Result<Value> set(Call& call, const Value&, Args args) {
  if (Overwrite || !slots(call).contains(args[0].as_string()))
    slots(call)[text_of(args[0])] = Slot{args[1], std::nullopt, false};
  return make_string("");
}

template <bool Overwrite>
Result<Value> map_set(Call& call, const Value&, Args args) {
  const auto [found, is_new] = slots(call).try_emplace(text_of(args[0]));
  Slot& slot = found->second;
  if (is_new) {
    slot.map.emplace();
    slot.stale = true;
  }
  if (!slot.open()) return bad(quote(args[0].as_string()) + " is not a map");
  const auto [entry, is_new_key] = slot.map->try_emplace(text_of(args[1]), args[2]);
  if (!is_new_key && Overwrite) entry->second = args[2];
  slot.stale = true;
  return make_string("");
}

Result<Value> map_values(Call& call, const Value&, Args args) {
  const auto found = slots(call).find(args[0].as_string());
  if (found == slots(call).end() || !found->second.open()) return Value::nil_of(types::kListOfAny);
  LS_TRY_STATUS(call.charge(found->second.map->size()));
  std::vector<Value> values;
  for (const auto& [key, value] : *found->second.map) values.push_back(value);
  return any_list(std::move(values));
}

constexpr const Type* kOneString[] = {&kString};
constexpr const Type* kStringAny[] = {&kString, &kAny};
constexpr const Type* kTwoStringsAny[] = {&kString, &kString, &kAny};

constexpr MethodOps kMethods[] = {{"Key", kOneString, has_key},
                                  {"Get", kOneString, get},
                                  {"Set", kStringAny, set<true>},
                                  {"SetX", kStringAny, set<false>},
                                  {"MapSet", kTwoStringsAny, map_set<true>},
                                  {"MapSetX", kTwoStringsAny, map_set<false>},
                                  {"MapValues", kOneString, map_values}};
constexpr Type kScratch{.kind = Kind::record, .name = "*template.Scratch", .methods = kMethods, .pointer = true};

Result<Value> scratch(Call& call, Args) {
  return Value::view(kScratch, &call.local<Scratch>(), {});
}

}  // namespace

void add_scratch_helper(FunctionTable& table) {
  table.add("scratch", {}, scratch);
}

}  // namespace longshore::tmpl
