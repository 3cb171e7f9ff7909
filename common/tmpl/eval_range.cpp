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
  const Flow flow = pass(node, index, element);
  return flow == Flow::continue_ ? Flow::normal : flow;
}

Memo::State::Loop* Evaluator::kept_loop(const BranchNode& node) {
  // Of the file's own template, where $ is the root, and not within a pass that is kept as a whole.
  if (options_.memo == nullptr || recording_ || depth_ != 1) return nullptr;
  auto [found, fresh] = options_.memo->state_->loops.try_emplace(&node);
  if (fresh) found->second.keeps = keeps_passes(set_, node);
  return found->second.keeps ? &found->second : nullptr;
}

Evaluator::Flow Evaluator::pass(const BranchNode& node, const Value& index, const Value& element) {
  Memo::State::Loop* loop = kept_loop(node);
  if (loop == nullptr) return walk(node.body, element);
  if (loop->next == loop->passes.size()) loop->passes.emplace_back();
  Memo::State::Pass& kept = loop->passes[loop->next++];
  if (kept.reads && kept.steps <= steps_left_ && same_element(kept.index, index) &&
      same_element(kept.element, element) && host_.replay(*kept.reads)) {
    ++options_.memo->reused_;
    at_ = {static_cast<At::Kind>(kept.at_kind), kept.at_node};
    if (!charge(kept.steps)) return Flow::failed;
    out_->append(kept.text);
    return check_output() ? Flow::normal : Flow::failed;
  }
  kept = {};
  if (!same_element(index, index) || !same_element(element, element)) return walk(node.body, element);
  const std::uint64_t steps = steps_left_;
  const std::size_t begin = out_->text.size(), skipped = skipped_.size();
  recording_ = true;
  host_.record();
  const Flow flow = walk(node.body, element);
  recording_ = false;
  std::unique_ptr<const HostReads> reads = host_.recorded();
  if (flow != Flow::normal || skipped_.size() != skipped || reads == nullptr) return flow;
  kept.index = index;
  kept.element = element;
  kept.text.assign(out_->text, begin);
  kept.steps = steps - steps_left_;
  kept.reads = std::move(reads);
  kept.at_kind = static_cast<std::uint8_t>(at_.kind);
  kept.at_node = at_.node;
  return flow;
}

// What this evaluation did not come to is not kept.
void Evaluator::end_memo() {
  if (options_.memo == nullptr) return;
  for (auto& [node, loop] : options_.memo->state_->loops) loop.passes.resize(std::exchange(loop.next, 0));
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
