// Calls of functions and methods, with Go's checks of number and types of arguments.
#include <array>

#include "common/tmpl/evaluator.h"
#include "common/tmpl/value_compare.h"

namespace longshore::tmpl {
namespace {

constexpr std::size_t kFewArgs = 5;          // kept on the native stack
constexpr std::size_t kMaxDataDepth = 1000;  // of lists in lists; destruction recurses

constexpr std::size_t kBytesPerStep = 64;

bool can_be_nil(const Type& type) {
  switch (type.kind) {
    case Kind::interface_:
    case Kind::list:
    case Kind::map:
    case Kind::channel:
    case Kind::function:
      return true;
    case Kind::record:
      return type.pointer;
    default:
      return false;
  }
}

Value nil_argument(const Type& type) {
  if (&type == &types::kReflectValue) return {};
  return type.kind == Kind::interface_ ? Value::nil() : Value::nil_of(type);
}

std::string number(std::size_t value) {
  return std::to_string(value);
}

}  // namespace

bool Evaluator::eval_function(const Operand& node, const Command* command, const Value& dot,
                              std::span<const Operand> args, const Value* final, Value& out) {
  at(node);
  const auto& identifier = std::get<IdentifierNode>(node.node);
  const Function& function = *identifier.function;
  const Signature signature{function.name, function.params, function.variadic};
  if (!check_arity(signature, args.size(), final != nullptr)) return false;
  if (identifier.builtin == Builtin::and_ || identifier.builtin == Builtin::or_)
    return eval_logic(identifier.builtin, dot, args, final, out);

  std::array<Value, kFewArgs> few;
  std::vector<Value> many;
  // The builtin `call` also gets the text of its first argument, for error texts.
  const std::size_t extra = identifier.builtin == Builtin::call ? 1 : 0;
  const std::size_t count = args.size() + (final != nullptr ? 1 : 0);
  Value* values = few.data();
  if (count + extra > kFewArgs) {
    many.resize(count + extra);
    values = many.data();
  }
  if (!eval_args(signature, dot, args, final, values)) return false;
  if (extra != 0) {
    const bool piped_text = args.empty() && final->is_string();
    const std::string piped = piped_text ? std::string(final->as_string())
                                         : "<" + std::string(final != nullptr ? final->type_name() : "") + " Value>";
    values[count] = Value::string(args.empty() ? piped : unparse(args[0]));
  }
  if (!charge_text({values, count})) return false;
  Call call(*this, function.name);
  return finish_call(function.body(call, {values, count + extra}), function.name, node, command, out);
}

bool Evaluator::eval_method(const MethodOps& method, const Operand& node, const Value& self, const Value& dot,
                            std::span<const Operand> args, const Value* final, Value& out) {
  const Signature signature{method.name, method.params, method.variadic};
  if (!check_arity(signature, args.size(), final != nullptr)) return false;
  if (!method.refused.empty()) return fail(method.refused);
  if (self.is_nil())
    return fail("nil pointer evaluating " + std::string(self.static_type_name()) + "." + std::string(method.name));
  const Value receiver = self;
  std::vector<Value> values(args.size() + (final != nullptr ? 1 : 0));
  if (!eval_args(signature, dot, args, final, values.data())) return false;
  if (!charge_text(values)) return false;
  Call call(*this, method.name);
  return finish_call(method.call(call, receiver, values), method.name, node, nullptr, out);
}

// Functions work in proportion to the texts they are given, so long ones count as steps.
bool Evaluator::charge_text(Args values) {
  std::uint64_t steps = 0;
  for (const Value& value : values)
    if (value.is_string()) steps += value.size() / kBytesPerStep;
  return charge(steps);
}

bool Evaluator::finish_call(Result<Value> result, std::string_view name, const Operand& node, const Command* command,
                            Value& out) {
  if (error_) return false;  // a limit was hit inside
  if (!result) {
    if (command != nullptr)
      at(*command);
    else
      at(node);
    const std::string message = "error calling " + std::string(name) + ": " + result.error().text;
    return result.error().code == Errc::limit ? fail_limit(message) : fail(message);
  }
  out = std::move(*result);
  if (out.depth() > kMaxDataDepth) return fail_limit("data nested too deeply");
  if (out.is_string() && out.size() > options_.limits.output_bytes)
    return fail_limit("exceeded maximum output size (" + number(options_.limits.output_bytes) + " bytes)");
  return charge_text({&out, 1});
}

bool Evaluator::check_arity(const Signature& signature, std::size_t args, bool has_final) {
  const std::size_t given = args + (has_final ? 1 : 0);
  const std::size_t params = signature.params.size();
  const std::string name(signature.name);
  if (signature.variadic) {
    if (given >= params - 1) return true;
    return fail("wrong number of args for " + name + ": want at least " + number(params - 1) + " got " + number(args));
  }
  if (given == params) return true;
  return fail("wrong number of args for " + name + ": want " + number(params) + " got " + number(given));
}

bool Evaluator::eval_args(const Signature& signature, const Value& dot, std::span<const Operand> args,
                          const Value* final, Value* out) {
  const auto& params = signature.params;
  for (std::size_t i = 0; i < args.size(); ++i)
    if (!eval_argument(args[i], params[std::min(i, params.size() - 1)], dot, out[i])) return false;
  if (final == nullptr) return true;
  Value& last = out[args.size()];
  last = *final;
  return validate(last, params[std::min(args.size(), params.size() - 1)]);
}

// `and` and `or` stop at the first value that decides.
bool Evaluator::eval_logic(Builtin which, const Value& dot, std::span<const Operand> args, const Value* final,
                           Value& out) {
  for (const Operand& argument : args) {
    if (!eval_argument(argument, &types::kReflectValue, dot, out)) return false;
    if (truth(out) == (which == Builtin::or_)) return true;
  }
  if (final != nullptr) out = *final;
  return true;
}

bool Evaluator::eval_argument(const Operand& node, const Type* type, const Value& dot, Value& out) {
  at(node);
  if (std::holds_alternative<DotNode>(node.node)) {
    out = dot;
    return validate(out, type);
  }
  if (std::holds_alternative<NilNode>(node.node)) {
    if (!can_be_nil(*type)) return fail("cannot assign nil to " + std::string(type->name));
    out = nil_argument(*type);
    return true;
  }
  if (const auto* field = std::get_if<FieldNode>(&node.node))
    return eval_fields(field->fields, node, dot, dot, {}, nullptr, out) && validate(out, type);
  if (std::holds_alternative<VariableNode>(node.node))
    return eval_variable(node, dot, {}, nullptr, out) && validate(out, type);
  if (const auto* inner = std::get_if<std::unique_ptr<Pipeline>>(&node.node))
    return eval_pipeline(**inner, dot, out) && validate(out, type);
  if (std::holds_alternative<IdentifierNode>(node.node))
    return eval_function(node, nullptr, dot, {}, nullptr, out) && validate(out, type);
  if (std::holds_alternative<ChainNode>(node.node))
    return eval_chain(node, dot, {}, nullptr, out) && validate(out, type);
  return eval_constant(node, *type, out);
}

// Constants take the type that is asked for, if they can.
bool Evaluator::eval_constant(const Operand& node, const Type& type, Value& out) {
  const auto* text = std::get_if<StringNode>(&node.node);
  const auto* boolean = std::get_if<BoolNode>(&node.node);
  const auto* numeric = std::get_if<NumberNode>(&node.node);
  const auto expected = [&](const char* what) {
    return fail(std::string("expected ") + what + "; found " + unparse(node));
  };
  switch (type.kind) {
    case Kind::interface_:
      if (text != nullptr) out = text->constant;
      if (boolean != nullptr) out = Value::boolean(boolean->value);
      if (numeric == nullptr) return true;
      if (!numeric->constant.valid()) return fail(numeric->text + " overflows int");
      out = numeric->constant;
      return true;
    case Kind::string:
      if (text == nullptr) return expected("string");
      out = text->constant;
      return true;
    case Kind::boolean:
      if (boolean == nullptr) return expected("bool");
      out = Value::boolean(boolean->value);
      return true;
    case Kind::float32:
    case Kind::float64:
      if (numeric == nullptr || !numeric->is_float) return expected("float");
      out = Value::floating(numeric->float_value, type);
      return true;
    case Kind::complex64:
    case Kind::complex128:
      if (numeric == nullptr || !numeric->is_complex) return expected("complex");
      out = Value::complex(numeric->complex_value, type);
      return true;
    default:
      break;
  }
  if (type.kind >= Kind::int_ && type.kind <= Kind::int64) {
    if (numeric == nullptr || !numeric->is_int) return expected("integer");
    out = Value::integer(numeric->int_value, type);
    return true;
  }
  if (type.kind >= Kind::uint_ && type.kind <= Kind::uintptr) {
    if (numeric == nullptr || !numeric->is_uint) return expected("unsigned integer");
    out = Value::unsigned_integer(numeric->uint_value, type);
    return true;
  }
  return fail("can't handle " + unparse(node) + " for arg of type " + std::string(type.name));
}

bool Evaluator::validate(Value& value, const Type* type) {
  if (type == nullptr || type == &types::kReflectValue) return true;
  if (!value.valid()) {
    if (!can_be_nil(*type)) return fail("invalid value; expected " + std::string(type->name));
    value = nil_argument(*type);
    return true;
  }
  if (type->kind == Kind::interface_) {
    value.drop_box();
    return true;
  }
  if (value.is_nil_interface())
    return fail("wrong type for value; expected " + std::string(type->name) + "; got interface {}");
  value.drop_box();
  if (assignable(value.type(), *type)) return true;
  // A pointer to what is asked for is looked through, once.
  if (value.is_pointer() && type->kind == Kind::record && value.type().name.substr(1) == type->name) {
    if (value.is_nil()) return fail("dereference of nil pointer of type " + std::string(type->name));
    value = Value::view(*type, value.object(), value.owner());
    return true;
  }
  return fail("wrong type for value; expected " + std::string(type->name) + "; got " + std::string(value.type_name()));
}

}  // namespace longshore::tmpl
