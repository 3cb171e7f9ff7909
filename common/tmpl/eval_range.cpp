// {{range}}: over lists, maps (sorted), integers and channels.
#include "common/tmpl/evaluator.h"

namespace longshore::tmpl {

Evaluator::Flow Evaluator::walk_range(const BranchNode& node, const Value& dot) {
  Value value;
  if (!eval_pipeline(node.pipeline, dot, value)) return Flow::failed;
  Flow flow = Flow::normal;
  bool any = false;
  if (value.is_integer()) {
    flow = range_integer(node, value, any);
  } else if (value.kind() == Kind::list) {
    any = value.size() > 0;
    flow = range_list(node, value);
  } else if (value.kind() == Kind::map) {
    any = value.size() > 0;
    flow = range_map(node, value);
  } else if (value.kind() == Kind::channel) {
    flow = range_channel(node, value, any);
  } else if (value.valid()) {
    // Go looks through pointers: no ampersand.
    BoundedText text(64 << 10);
    if (!print_value(text, value)) text.append(to_text(value));
    fail("range can't iterate over " + text.text);
    return Flow::failed;
  }
  if (flow == Flow::failed) return flow;
  if (!any && node.else_body) return walk(*node.else_body, dot);
  return Flow::normal;
}

// One pass of the body. A break ends the loop: the callers stop at anything but normal.
Evaluator::Flow Evaluator::iterate(const BranchNode& node, const Value& index, const Value& element) {
  if (!charge(1)) return Flow::failed;
  const auto& declared = node.pipeline.declarations;
  if (declared.size() == 1 && !set_variable(declared[0], element)) return Flow::failed;
  if (declared.size() == 2 && (!set_variable(declared[0], index) || !set_variable(declared[1], element)))
    return Flow::failed;
  const Flow flow = walk(node.body, element);
  return flow == Flow::continue_ ? Flow::normal : flow;
}

Evaluator::Flow Evaluator::range_integer(const BranchNode& node, const Value& value, bool& any) {
  if (node.pipeline.declarations.size() > 1) {
    fail("can't use " + to_text(value) + " to iterate over more than one variable");
    return Flow::failed;
  }
  const bool is_signed = value.is_signed();
  if (is_signed && value.as_int() <= 0) return Flow::normal;
  const std::uint64_t count = value.as_uint();
  any = count > 0;
  Flow flow = Flow::normal;
  for (std::uint64_t i = 0; i < count && flow == Flow::normal; ++i)
    flow = iterate(node, {},
                   is_signed ? Value::integer(static_cast<std::int64_t>(i), value.type())
                             : Value::unsigned_integer(i, value.type()));
  return flow;
}

Evaluator::Flow Evaluator::range_list(const BranchNode& node, const Value& value) {
  const std::size_t count = value.size();
  Flow flow = Flow::normal;
  for (std::size_t i = 0; i < count && flow == Flow::normal; ++i)
    flow = iterate(node, Value::integer(static_cast<std::int64_t>(i)), value.at(i));
  return flow;
}

Evaluator::Flow Evaluator::range_map(const BranchNode& node, const Value& value) {
  // The entries are collected even if the loop ends early.
  if (!charge(value.size() / 8)) return Flow::failed;
  Flow flow = Flow::normal;
  for (const auto& [key, element] : value.entries()) {
    flow = iterate(node, key, element);
    if (flow != Flow::normal) break;
  }
  return flow;
}

Evaluator::Flow Evaluator::range_channel(const BranchNode& node, const Value& value, bool& any) {
  Flow flow = Flow::normal;
  std::int64_t element = 0;
  for (std::int64_t i = 0; flow == Flow::normal && value.receive(element); ++i) {
    any = true;
    flow = iterate(node, Value::integer(i), Value::integer(element, types::kInt64));
  }
  return flow;
}

}  // namespace longshore::tmpl
