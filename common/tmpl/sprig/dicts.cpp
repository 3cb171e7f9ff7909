// dict get set unset hasKey pluck keys values pick omit dig deepCopy
#include <algorithm>

#include "common/tmpl/sprig/dict_value.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kMapOfAny;
using types::kString;

Result<Value> dict(Call& call, Args args) {
  Dict& out = new_dict(call);
  LS_TRY_STATUS(call.charge(args.size()));
  for (std::size_t i = 0; i < args.size(); i += 2) {
    LS_TRY(key, text_of(call, args[i]));
    LS_TRY_STATUS(out.set(call, key, i + 1 < args.size() ? args[i + 1] : Value::string("")));
  }
  return out.value();
}

Result<Value> get(Call&, Args args) {
  const auto found = args[0].find(args[1].as_string());
  return found ? found->unbox() : Value::string("");
}

Result<Value> set(Call& call, Args args) {
  if (args[0].is_nil()) return bad("assignment to entry in nil map");
  LS_TRY(out, dict_or_copy(call, args[0]));
  LS_TRY_STATUS(out->set(call, args[1].as_string(), args[2]));
  return out->value();
}

Result<Value> unset(Call& call, Args args) {
  if (args[0].is_nil()) return args[0];
  LS_TRY(out, dict_or_copy(call, args[0]));
  LS_TRY_STATUS(out->erase(call, args[1].as_string()));
  return out->value();
}

Result<Value> has_key(Call&, Args args) {
  return Value::boolean(args[0].find(args[1].as_string()).has_value());
}

Result<Value> pluck(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args.size()));
  std::vector<Value> out;
  for (const Value& each : args.subspan(1))
    if (auto found = each.find(args[0].as_string())) out.push_back(found->unbox());
  return make_list(std::move(out));
}

// Go gives keys and values of a map in random order; sorted is one of them.
Result<Value> keys(Call& call, Args args) {
  std::vector<Value> out;
  for (const Value& each : args) {
    LS_TRY_STATUS(call.charge(1 + each.size()));
    for (auto& entry : each.entries()) out.push_back(std::move(entry.first));
  }
  return Value::list(types::kListOfString, std::move(out));
}

Result<Value> values(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(1 + args[0].size()));
  std::vector<Value> out;
  for (auto& entry : args[0].entries()) out.push_back(std::move(entry.second));
  return make_list(std::move(out));
}

Result<Value> pick(Call& call, Args args) {
  Dict& out = new_dict(call);
  LS_TRY_STATUS(call.charge(args.size()));
  for (const Value& key : args.subspan(1))
    if (const auto found = args[0].find(key.as_string())) LS_TRY_STATUS(out.set(call, key.as_string(), *found));
  return out.value();
}

Result<Value> omit(Call& call, Args args) {
  Dict& out = new_dict(call);
  LS_TRY_STATUS(call.charge(1 + args.size() * args[0].size()));
  for (const auto& [key, element] : args[0].entries()) {
    const auto named = [&key](const Value& name) { return name.as_string() == key.as_string(); };
    if (std::ranges::none_of(args.subspan(1), named)) LS_TRY_STATUS(out.set(call, key.as_string(), element));
  }
  return out.value();
}

std::string conversion(const Value& value, std::string_view wanted) {
  const std::string name = is_nothing(value) ? "nil" : std::string(value.type_name());
  return "interface conversion: interface {} is " + name + ", not " + std::string(wanted);
}

bool is_dict(const Value& value) {
  return value.kind() == Kind::map && same_type(value.type(), kMapOfAny);
}

// dig KEY.. DEFAULT DICT
Result<Value> dig(Call&, Args args) {
  if (args.size() < 3) return bad("dig needs at least three arguments");
  Value at = args.back();
  if (!is_dict(at)) return bad(conversion(at, kMapOfAny.name));
  const Args names = args.first(args.size() - 2);
  for (const Value& name : names)
    if (is_nothing(name) || !same_type(name.type(), kString)) return bad(conversion(name, "string"));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = at.find(names[i].as_string());
    if (!found) return args[args.size() - 2];
    at = found->unbox();
    if (i + 1 < names.size() && !is_dict(at)) return bad(conversion(at, kMapOfAny.name));
  }
  return at;
}

Result<Value> copy(Call& call, Args args) {
  if (is_nothing(args[0])) return bad("reflect: call of reflect.Value.Type on zero Value");
  return deep_copy(call, args[0]);
}

}  // namespace

Result<Value> deep_copy(Call& call, const Value& value) {
  LS_TRY_STATUS(call.charge(1));
  if (value.kind() == Kind::list && !value.is_nil() && value.depth() > 0) {
    LS_TRY(elements, elements_of(call, value));
    for (Value& element : elements) {
      LS_TRY(copy, deep_copy(call, element));
      element = std::move(copy);
    }
    return Value::list(value.type(), std::move(elements));
  }
  if (!is_dict(value) || value.is_nil()) return value;
  Dict& out = new_dict(call);
  for (const auto& [key, element] : value.entries()) {
    LS_TRY(copy, deep_copy(call, element));
    LS_TRY_STATUS(out.set(call, key.as_string(), copy));
  }
  return out.value();
}

void add_dicts(FunctionTable& table) {
  add(table, "dict", {&kAny}, dict, true);
  add(table, "get", {&kMapOfAny, &kString}, get);
  add(table, "set", {&kMapOfAny, &kString, &kAny}, set);
  add(table, "unset", {&kMapOfAny, &kString}, unset);
  add(table, "hasKey", {&kMapOfAny, &kString}, has_key);
  add(table, "pluck", {&kString, &kMapOfAny}, pluck, true);
  add(table, "keys", {&kMapOfAny}, keys, true);
  add(table, "values", {&kMapOfAny}, values);
  add(table, "pick", {&kMapOfAny, &kString}, pick, true);
  add(table, "omit", {&kMapOfAny, &kString}, omit, true);
  add(table, "dig", {&kAny}, dig, true);
  for (const char* name : {"deepCopy", "mustDeepCopy"}) add(table, name, {&kAny}, copy);
}

}  // namespace longshore::tmpl::sprig
