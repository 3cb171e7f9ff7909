// Pipelines, operands and fields.
#include <functional>

#include "common/base/text.h"
#include "common/tmpl/evaluator.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

std::string suggestion(const Type& type, const std::string& name) {
  std::vector<std::string> names;
  for (const FieldOps& field : type.fields) names.emplace_back(field.name);
  for (const MethodOps& method : type.methods) names.emplace_back(method.name);
  const auto similar = base::suggest(name, names);
  return similar ? "did you mean " + quote(*similar) + "?" : std::string();
}

}  // namespace

bool Evaluator::eval_pipeline(const Pipeline& pipe, const Value& dot, Value& out) {
  at(pipe);
  if (!enter()) return false;
  bool first = true;
  for (const Command& command : pipe.commands) {
    Value result;
    if (!eval_command(command, dot, first ? nullptr : &out, result)) return false;
    out = std::move(result);
    first = false;
    // An interface gives way to what it holds; a nil one holds nothing.
    if (out.is_nil_interface())
      out = Value();
    else
      out.drop_box();
  }
  for (const Declaration& declaration : pipe.declarations)
    if (!set_variable(declaration, out)) return false;
  return true;
}

bool Evaluator::set_variable(const Declaration& declaration, const Value& value) {
  if (declaration.slot == kNoSlot) return fail("undefined variable: " + declaration.name);
  frames_[frame_ + declaration.slot] = value;
  return true;
}

bool Evaluator::not_a_function(std::span<const Operand> args, const Operand& first, const Value* final) {
  if (args.empty() && final == nullptr) return true;
  return fail("can't give argument to non-function " + unparse(first));
}

bool Evaluator::eval_command(const Command& command, const Value& dot, const Value* final, Value& out) {
  const Operand& first = command.args[0];
  const std::span<const Operand> args = std::span(command.args).subspan(1);
  if (const auto* field = std::get_if<FieldNode>(&first.node)) {
    at(first);
    return eval_fields(field->fields, first, dot, dot, args, final, out);
  }
  if (std::holds_alternative<IdentifierNode>(first.node)) return eval_function(first, &command, dot, args, final, out);
  if (std::holds_alternative<VariableNode>(first.node)) return eval_variable(first, dot, args, final, out);
  if (std::holds_alternative<ChainNode>(first.node)) return eval_chain(first, dot, args, final, out);
  if (const auto* inner = std::get_if<std::unique_ptr<Pipeline>>(&first.node))
    return not_a_function(args, first, final) && eval_pipeline(**inner, dot, out);
  at(first);
  if (!not_a_function(args, first, final)) return false;
  if (std::holds_alternative<DotNode>(first.node)) {
    out = dot;
    return true;
  }
  if (std::holds_alternative<NilNode>(first.node)) return fail("nil is not a command");
  return eval_constant(first, types::kAny, out);
}

bool Evaluator::eval_chain(const Operand& node, const Value& dot, std::span<const Operand> args, const Value* final,
                           Value& out) {
  at(node);
  const auto& chain = std::get<ChainNode>(node.node);
  Value receiver;
  if (!eval_argument(*chain.base, nullptr, dot, receiver)) return false;
  return eval_fields(chain.fields, node, std::move(receiver), dot, args, final, out);
}

bool Evaluator::eval_variable(const Operand& node, const Value& dot, std::span<const Operand> args, const Value* final,
                              Value& out) {
  at(node);
  const auto& variable = std::get<VariableNode>(node.node);
  if (variable.slot == kNoSlot) return fail("undefined variable: " + variable.name);
  const Value& value = frames_[frame_ + variable.slot];
  if (variable.fields.empty()) {
    out = value;
    return not_a_function(args, node, final);
  }
  return eval_fields(variable.fields, node, value, dot, args, final, out);
}

// .A.B.C: only the last one may be given arguments.
bool Evaluator::eval_fields(const std::vector<FieldName>& fields, const Operand& node, Value receiver, const Value& dot,
                            std::span<const Operand> args, const Value* final, Value& out) {
  for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
    Value next;
    if (!eval_field(fields[i], node, receiver, dot, {}, nullptr, next)) return false;
    receiver = std::move(next);
  }
  return eval_field(fields.back(), node, receiver, dot, args, final, out);
}

bool Evaluator::eval_field(const FieldName& field, const Operand& node, const Value& receiver, const Value& dot,
                           std::span<const Operand> args, const Value* final, Value& out) {
  if (!receiver.valid()) {
    if (options_.missing_key == MissingKey::error) return fail("nil data; no entry for key " + quote(field.name));
    out = Value();
    return true;
  }
  if (receiver.is_nil_interface()) return fail("nil pointer evaluating interface {}." + field.name);
  const Type& type = receiver.type();
  if (!type.methods.empty())
    if (const MethodOps* method = find_method(type, field.name))
      return eval_method(*method, node, receiver, dot, args, final, out);
  const bool has_args = !args.empty() || final != nullptr;
  if (type.kind == Kind::record) return record_field(field, receiver, has_args, out);
  if (type.kind == Kind::map && (type.key->kind == Kind::interface_ || same_type(*type.key, types::kString)))
    return map_field(field, receiver, has_args, out);
  return fail("can't evaluate field " + field.name + " in type " + std::string(receiver.static_type_name()));
}

bool Evaluator::record_field(const FieldName& field, const Value& receiver, bool has_args, Value& out) {
  const Type& type = receiver.type();
  const FieldOps* found = field.hint.get();
  // The hint belongs to this record type exactly if it points into its table.
  const std::less<const FieldOps*> before;
  if (before(found, type.fields.data()) || !before(found, type.fields.data() + type.fields.size())) {
    found = find_field(type, field.name);
    if (found == nullptr)
      return fail("can't evaluate field " + field.name + " in type " + std::string(receiver.static_type_name()),
                  suggestion(type, field.name));
    field.hint.set(found);
  }
  if (receiver.object() == nullptr) {
    if (type.pointer)
      return fail("nil pointer evaluating " + std::string(receiver.static_type_name()) + "." + field.name);
    out = Value::zero(found->type());
    return true;
  }
  if (has_args) return fail(field.name + " has arguments but cannot be invoked as function");
  out = found->get(receiver.object(), receiver.owner());
  return true;
}

bool Evaluator::map_field(const FieldName& field, const Value& receiver, bool has_args, Value& out) {
  if (has_args) return fail(field.name + " is not a method but has arguments");
  if (auto found = receiver.find(field.key)) {
    out = std::move(*found);
    return true;
  }
  switch (options_.missing_key) {
    case MissingKey::invalid:
      out = Value();
      return true;
    case MissingKey::zero:
      out = Value::zero(*receiver.type().elem);
      return true;
    case MissingKey::error:
      break;
  }
  return fail("map has no entry for key " + quote(field.name));
}

}  // namespace longshore::tmpl
