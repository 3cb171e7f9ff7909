#include "common/tmpl/eval.h"

#include <malloc.h>

#include <new>
#include <stdexcept>

#include "common/base/text.h"
#include "common/tmpl/evaluator.h"
#include "common/tmpl/source.h"
#include "common/tmpl/text_tools.h"
#include "common/tmpl/value_compare.h"

namespace longshore::tmpl {
namespace {

// Values that variables, lists and scratch hold on to are bounded by their sum, not only each by itself.
constexpr std::size_t kMostHeapBytes = std::size_t{256} << 20;
constexpr std::uint64_t kStepsBetweenLooks = 1 << 18;

// Bytes in use by the whole process; it does nothing else during an evaluation. 0 under AddressSanitizer.
std::size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::uint64_t next_look(std::uint64_t steps_left) {
  return steps_left > kStepsBetweenLooks ? steps_left - kStepsBetweenLooks : 0;
}

std::uintptr_t stack_pointer() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

}  // namespace

Evaluator::Evaluator(const TemplateSet& set, Host& host, const EvaluateOptions& options)
    : set_(set),
      host_(host),
      options_(options),
      steps_left_(options.limits.steps),
      look_at_heap_below_(next_look(steps_left_)),
      stack_start_(stack_pointer()) {}

Evaluation Evaluator::run(std::string_view name, const Value& root) {
  const Template* tree = set_.find(name);
  if (tree == nullptr) {
    Diagnostic missing;
    missing.text = "template: no template " + quote(name) + " associated with template " + quote(set_.name());
    missing.location.name = set_.name();
    return {{}, {std::move(missing)}};
  }
  BoundedText text(options_.limits.output_bytes);
  out_ = &text;
  try {
    run_template(*tree, root);
  } catch (const std::bad_alloc&) {  // the last line of defence behind the limits
    fail_limit("out of memory");
  } catch (const std::length_error&) {
    fail_limit("out of memory");
  }
  end_memo();
  std::vector<Diagnostic> errors = std::move(skipped_);
  if (error_) errors.push_back(std::move(*error_));
  return {std::move(text.text), std::move(errors), options_.limits.steps - steps_left_};
}

Diagnostic Evaluator::diagnose(std::string_view message, std::string hint) const {
  Diagnostic out;
  std::string context;
  std::uint32_t offset = 0;
  switch (at_.kind) {
    case At::Kind::none:
      break;
    case At::Kind::statement:
      offset = static_cast<const Statement*>(at_.node)->offset;
      context = unparse(*static_cast<const Statement*>(at_.node));
      break;
    case At::Kind::pipeline:
      offset = static_cast<const Pipeline*>(at_.node)->offset;
      context = unparse(*static_cast<const Pipeline*>(at_.node));
      break;
    case At::Kind::command:
      offset = static_cast<const Command*>(at_.node)->offset;
      context = unparse(*static_cast<const Command*>(at_.node));
      break;
    case At::Kind::operand:
      offset = static_cast<const Operand*>(at_.node)->offset;
      context = unparse(*static_cast<const Operand*>(at_.node));
      break;
  }
  out.location = set_.source().locate(offset);
  out.source_line = set_.source().line(out.location.line);
  out.hint = std::move(hint);
  out.text = "template: " + out.location.name + ":" + std::to_string(out.location.line) + ":" +
             std::to_string(out.location.column) + ": executing " + quote(template_->name) + " at <" + context +
             ">: " + std::string(message);
  return out;
}

bool Evaluator::fail(std::string_view message, std::string hint) {
  if (!error_) error_ = diagnose(message, std::move(hint));
  return false;
}

bool Evaluator::fail_limit(std::string_view message) {
  if (error_) return false;
  error_ = diagnose(message, {});
  error_->limit = true;
  return false;
}

// The end of the budget, or time to look at the heap.
bool Evaluator::charge_and_look(std::uint64_t steps) {
  if (steps > steps_left_) {
    steps_left_ = 0;
    return fail_limit("exceeded maximum number of steps (" + std::to_string(options_.limits.steps) + ")");
  }
  steps_left_ -= steps;
  look_at_heap_below_ = next_look(steps_left_);
  // The first look is what the others are compared with: a short evaluation needs none.
  const std::size_t in_use = heap_in_use();
  if (!first_heap_) first_heap_ = in_use;
  if (in_use <= *first_heap_ + kMostHeapBytes) return true;
  return fail_limit("exceeded maximum memory (" + std::to_string(kMostHeapBytes) + " bytes)");
}

bool Evaluator::enter() {
  const std::uintptr_t here = stack_pointer();
  const std::uintptr_t used = here < stack_start_ ? stack_start_ - here : here - stack_start_;
  if (used > options_.limits.stack_bytes) return fail_limit("exceeded maximum nesting depth");
  return charge(1);
}

bool Evaluator::check_output() {
  if (!out_->overflow) return true;
  return fail_limit("exceeded maximum output size (" + std::to_string(options_.limits.output_bytes) + " bytes)");
}

bool Evaluator::run_template(const Template& tree, const Value& dot) {
  const Template* const outer_template = template_;
  const std::size_t outer_frame = frame_;
  const At outer_at = at_;
  template_ = &tree;
  frame_ = frames_.size();
  frames_.resize(frame_ + tree.frame_size);
  frames_[frame_] = dot;
  ++depth_;
  const Flow flow = walk(tree.body, dot);
  --depth_;
  frames_.resize(frame_);
  frame_ = outer_frame;
  template_ = outer_template;
  at_ = outer_at;
  return flow != Flow::failed;
}

Evaluator::Flow Evaluator::walk(const StatementList& list, const Value& dot) {
  for (const Statement& statement : list) {
    Flow flow = walk(statement, dot);
    if (flow == Flow::normal) continue;
    // With data missing, the rest may still tell what else is needed.
    if (flow == Flow::failed && error_ && !error_->limit && host_.incomplete()) {
      if (skipped_.size() < 100) skipped_.push_back(std::move(*error_));
      error_.reset();
      continue;
    }
    return flow;
  }
  return Flow::normal;
}

Evaluator::Flow Evaluator::walk(const Statement& statement, const Value& dot) {
  at(statement);
  if (!enter()) return Flow::failed;
  if (const auto* text = std::get_if<TextNode>(&statement.node)) {
    out_->append(text->text);
    return check_output() ? Flow::normal : Flow::failed;
  }
  if (const auto* action = std::get_if<ActionNode>(&statement.node)) return walk_action(statement, *action, dot);
  if (const auto* branch = std::get_if<BranchNode>(&statement.node))
    return branch->kind == BranchKind::range ? walk_range(*branch, dot) : walk_branch(*branch, dot);
  if (const auto* call = std::get_if<TemplateNode>(&statement.node)) return walk_template(*call, dot);
  return std::holds_alternative<BreakNode>(statement.node) ? Flow::break_ : Flow::continue_;
}

Evaluator::Flow Evaluator::walk_action(const Statement& statement, const ActionNode& node, const Value& dot) {
  Value value;
  if (!eval_pipeline(node.pipeline, dot, value)) return Flow::failed;
  if (!node.pipeline.declarations.empty()) return Flow::normal;
  at(statement);
  if (!print_value(*out_, value)) {
    fail("can't print " + unparse(statement) + " of type " + std::string(value.type_name()));
    return Flow::failed;
  }
  return check_output() ? Flow::normal : Flow::failed;
}

Evaluator::Flow Evaluator::walk_branch(const BranchNode& node, const Value& dot) {
  Value value;
  if (!eval_pipeline(node.pipeline, dot, value)) return Flow::failed;
  if (truth(value)) return walk(node.body, node.kind == BranchKind::with ? value : dot);
  for (const ElseBranch& other : node.others) {
    if (!eval_pipeline(other.pipeline, dot, value)) return Flow::failed;
    if (truth(value)) return walk(other.body, node.kind == BranchKind::with ? value : dot);
  }
  return node.else_body ? walk(*node.else_body, dot) : Flow::normal;
}

Evaluator::Flow Evaluator::walk_template(const TemplateNode& node, const Value& dot) {
  const Template* tree = set_.find(node.name);
  if (tree == nullptr) {
    const auto similar = base::suggest(node.name, set_.names());
    fail("template " + quote(node.name) + " not defined", similar ? "did you mean " + quote(*similar) + "?" : "");
    return Flow::failed;
  }
  if (depth_ > options_.limits.template_depth) {
    fail_limit("exceeded maximum template depth (" + std::to_string(options_.limits.template_depth) + ")");
    return Flow::failed;
  }
  Value argument;
  if (node.pipeline && !eval_pipeline(*node.pipeline, dot, argument)) return Flow::failed;
  return run_template(*tree, argument) ? Flow::normal : Flow::failed;
}

Result<std::string> Evaluator::execute_template(std::string_view name, const Value& dot) {
  const Template* tree = set_.find(name);
  if (tree == nullptr)
    return base::fail(Errc::template_error,
                      "template: no template " + quote(name) + " associated with template " + quote(set_.name()));
  if (depth_ > options_.limits.template_depth) return base::fail(Errc::limit, "exceeded maximum template depth");
  BoundedText text(options_.limits.output_bytes);
  BoundedText* const outer = out_;
  out_ = &text;
  const bool good = run_template(*tree, dot);
  out_ = outer;
  if (good) return std::move(text.text);
  const Errc code = error_->limit ? Errc::limit : Errc::template_error;
  std::string message = std::move(error_->text);
  error_.reset();
  return base::fail(code, std::move(message));
}

Evaluation evaluate(const TemplateSet& set, std::string_view name, const Value& root, Host& host,
                    const EvaluateOptions& options) {
  return Evaluator(set, host, options).run(name, root);
}

Host& Call::host() const {
  return evaluator_->host();
}
std::size_t Call::max_bytes() const {
  return evaluator_->limits().output_bytes;
}

Status Call::charge(std::uint64_t steps) const {
  if (evaluator_->charge(steps)) return {};
  return fail(Errc::limit, "exceeded maximum number of steps");
}

Status Call::check_size(std::size_t bytes) const {
  if (bytes <= max_bytes()) return {};
  return fail(Errc::limit, "result is larger than " + std::to_string(max_bytes()) + " bytes");
}

Result<std::string> Call::execute_template(std::string_view name, const Value& dot) const {
  return evaluator_->execute_template(name, dot);
}

Result<Value> Call::invoke(const Function& function, Args args) const {
  Call call(*evaluator_, function.name);
  return function.body(call, args);
}

void* Call::local_slot(const std::type_info& key, std::shared_ptr<void> (*make)()) const {
  auto& slot = evaluator_->locals()[key];
  if (slot == nullptr) slot = make();
  return slot.get();
}

}  // namespace longshore::tmpl
