// and or not len index slice call
#include <expected>

#include "common/tmpl/builtins.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/value_compare.h"

namespace longshore::tmpl {
namespace {

using types::kReflectValue;

std::unexpected<Error> bad(std::string text) {
  return base::fail(Errc::template_error, std::move(text));
}

// A nil interface is no value at all to these functions.
Value plain(const Value& value) {
  return value.is_nil_interface() ? Value() : value.unbox();
}

std::string type_of(const Value& value) {
  return std::string(value.type_name());
}

// What Go's runtime says when a function asks the type of nothing.
constexpr const char* kTypeOfNothing = "reflect: call of reflect.Value.Type on zero Value";

Result<std::size_t> index_argument(const Value& index, std::size_t limit) {
  // `index` looks into an interface {}, `slice` does not.
  if (index.boxed() || index.is_nil_interface()) return bad("cannot index slice/array with type interface {}");
  if (!index.valid()) return bad("cannot index slice/array with nil");
  if (!index.is_integer()) return bad("cannot index slice/array with type " + type_of(index));
  const std::int64_t position = index.as_int();
  if (position < 0 || static_cast<std::uint64_t>(position) > limit)
    return bad("index out of range: " + std::to_string(position));
  return static_cast<std::size_t>(position);
}

// The key as the map's key type: integers convert among themselves, nothing else does.
Result<Value> key_argument(const Value& key, const Type& type) {
  if (!key.valid()) {
    if (type.kind != Kind::interface_) return bad("value is nil; should be of type " + std::string(type.name));
    return Value::nil();
  }
  if (assignable(key.type(), type)) return key;
  const bool wants_integer = type.kind >= Kind::int_ && type.kind <= Kind::uintptr;
  if (key.is_integer() && wants_integer)
    return type.kind <= Kind::int64 ? Value::integer(key.as_int(), type) : Value::unsigned_integer(key.as_uint(), type);
  return bad("value has type " + type_of(key) + "; should be " + std::string(type.name));
}

Result<Value> index_once(const Value& item, const Value& index) {
  if (item.is_nil() && item.kind() == Kind::record) return bad("index of nil pointer");
  switch (item.kind()) {
    case Kind::string: {
      LS_TRY(position, index_argument(index, item.size()));
      if (position == item.size()) return bad("reflect: string index out of range");
      return Value::unsigned_integer(static_cast<unsigned char>(item.as_string()[position]), types::kUint8);
    }
    case Kind::list: {
      LS_TRY(position, index_argument(index, item.size()));
      if (position == item.size())
        return bad(item.type().array ? "reflect: array index out of range" : "reflect: slice index out of range");
      return item.at(position);
    }
    case Kind::map: {
      LS_TRY(key, key_argument(index, *item.type().key));
      if (auto found = item.find(key)) return *found;
      return Value::zero(*item.type().elem);
    }
    default: {
      std::string name = type_of(item);
      if (name.starts_with('*')) name.erase(0, 1);  // Go looks through the pointer
      return bad("can't index item of type " + name);
    }
  }
}

Result<Value> index(Call&, Args args) {
  Value item = plain(args[0]);
  if (!item.valid()) return bad("index of untyped nil");
  for (const Value& argument : args.subspan(1)) {
    if (item.is_nil_interface()) return bad("index of nil pointer");
    LS_TRY(next, index_once(item, plain(argument)));
    item = next.unbox();
    if (!item.valid()) item = Value::nil();
  }
  return item;
}

Result<Value> slice(Call& call, Args args) {
  const Value item = plain(args[0]);
  const Args indexes = args.subspan(1);
  if (!item.valid()) return bad("slice of untyped nil");
  if (indexes.size() > 3) return bad("too many slice indexes: " + std::to_string(indexes.size()));
  if (item.kind() == Kind::string && indexes.size() == 3) return bad("cannot 3-index slice a string");
  if (item.kind() != Kind::string && item.kind() != Kind::list) return bad("can't slice item of type " + type_of(item));
  std::size_t bounds[3] = {0, item.size(), item.size()};
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    LS_TRY(position, index_argument(indexes[i], item.size()));
    bounds[i] = position;
  }
  const auto order = [](std::size_t low, std::size_t high) {
    return bad("invalid slice index: " + std::to_string(low) + " > " + std::to_string(high));
  };
  if (bounds[0] > bounds[1]) return order(bounds[0], bounds[1]);
  if (bounds[1] > bounds[2]) return order(bounds[1], bounds[2]);
  if (item.kind() == Kind::string)
    return Value::string_view(item.as_string().substr(bounds[0], bounds[1] - bounds[0]), item.owner());
  if (item.is_nil()) return item;
  LS_TRY_STATUS(call.charge(bounds[1] - bounds[0]));
  std::vector<Value> elements;
  for (std::size_t i = bounds[0]; i < bounds[1]; ++i) elements.push_back(item.at(i));
  return Value::list(item.type(), std::move(elements));
}

Result<Value> length(Call&, Args args) {
  const Value& item = args[0];
  if (item.is_nil_interface() || (item.kind() == Kind::record && item.is_nil())) return bad("len of nil pointer");
  if (!item.valid()) return bad(kTypeOfNothing);
  switch (item.kind()) {
    case Kind::list:
    case Kind::map:
    case Kind::string:
      return Value::integer(static_cast<std::int64_t>(item.size()));
    case Kind::channel:
      return Value::integer(0);  // Go's loop channel has no buffer
    default: {
      std::string name = type_of(item);
      if (name.starts_with('*')) name.erase(0, 1);
      return bad("len of type " + name);
    }
  }
}

Result<Value> negate(Call&, Args args) {
  return Value::boolean(!truth(args[0]));
}

// The argument as `type` wants it, for `call`.
Result<Value> prepared(const Value& value, const Type& type) {
  if (&type == &kReflectValue) return value;
  if (!value.valid()) {
    if (type.kind == Kind::interface_) return Value::nil();
    if (type.kind == Kind::list || type.kind == Kind::map || type.pointer) return Value::nil_of(type);
  }
  return key_argument(value, type);
}

// The evaluator adds the text of the callee as last argument.
Result<Value> call_function(Call& call, Args args) {
  const Value callee = plain(args[0]);
  const std::string name(args.back().as_string());
  const Args given = args.subspan(1, args.size() - 2);
  if (!callee.valid()) return bad("call of nil");
  if (callee.kind() != Kind::function) return bad("non-function " + name + " of type " + type_of(callee));
  const Function& function = callee.as_function();
  const std::size_t params = function.params.size();
  const std::size_t least = function.variadic ? params - 1 : params;
  if (given.size() < least || (!function.variadic && given.size() > params))
    return bad("wrong number of args for " + name + ": got " + std::to_string(given.size()) + " want " +
               (function.variadic ? "at least " : "") + std::to_string(least));
  std::vector<Value> values;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto value = prepared(plain(given[i]), *function.params[std::min(i, params - 1)]);
    if (!value) return bad("arg " + std::to_string(i) + ": " + value.error().text);
    values.push_back(std::move(*value));
  }
  return call.invoke(function, values);
}

void add(FunctionTable& table, std::string name, std::size_t fixed, FunctionBody body, bool variadic) {
  Function function{.name = std::move(name), .params = {}, .variadic = variadic, .body = body, .unsupported = {}};
  function.params.assign(fixed + (variadic ? 1 : 0), &kReflectValue);
  function.is_builtin = true;
  table.add(std::move(function));
}

}  // namespace

void add_core_builtins(FunctionTable& table) {
  add(table, "and", 1, nullptr, true);  // the evaluator has its own rule for these two
  add(table, "or", 1, nullptr, true);
  add(table, "not", 1, negate, false);
  add(table, "len", 1, length, false);
  add(table, "index", 1, index, true);
  add(table, "slice", 1, slice, true);
  add(table, "call", 1, call_function, true);
}

}  // namespace longshore::tmpl
