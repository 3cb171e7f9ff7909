// The state of one evaluation. Functions return false (or Flow::failed) after they have set error_; whoever sees that
// stops at once. Internal: users call evaluate() of eval.h.
#pragma once
#include <map>
#include <optional>
#include <typeindex>

#include "common/tmpl/ast.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/format.h"
#include "common/tmpl/memo_state.h"

namespace longshore::tmpl {

class Evaluator {
 public:
  Evaluator(const TemplateSet& set, Host& host, const EvaluateOptions& options);
  Evaluation run(std::string_view name, const Value& root);

  // For Call.
  Host& host() { return host_; }
  const Limits& limits() const { return options_.limits; }
  bool charge(std::uint64_t steps) {
    if (steps > steps_left_ || steps_left_ - steps < look_at_heap_below_) return charge_and_look(steps);
    steps_left_ -= steps;
    return true;
  }
  Result<std::string> execute_template(std::string_view name, const Value& dot);
  std::map<std::type_index, std::shared_ptr<void>>& locals() { return locals_; }

 private:
  bool charge_and_look(std::uint64_t steps);
  enum class Flow : std::uint8_t { normal, break_, continue_, failed };

  // The node that an error is reported at.
  struct At {
    enum class Kind : std::uint8_t { none, statement, pipeline, command, operand } kind = Kind::none;
    const void* node = nullptr;
  };
  void at(const Statement& node) { at_ = {At::Kind::statement, &node}; }
  void at(const Pipeline& node) { at_ = {At::Kind::pipeline, &node}; }
  void at(const Command& node) { at_ = {At::Kind::command, &node}; }
  void at(const Operand& node) { at_ = {At::Kind::operand, &node}; }

  bool fail(std::string_view message, std::string hint = {});
  bool fail_limit(std::string_view message);
  Diagnostic diagnose(std::string_view message, std::string hint) const;
  bool enter();  // accounts for one step and looks at the native stack
  bool check_output();

  // eval.cpp: statements
  bool run_template(const Template& tree, const Value& dot);
  Flow walk(const StatementList& list, const Value& dot);
  Flow walk(const Statement& statement, const Value& dot);
  Flow walk_action(const Statement& statement, const ActionNode& node, const Value& dot);
  Flow walk_branch(const BranchNode& node, const Value& dot);
  Flow walk_template(const TemplateNode& node, const Value& dot);

  // eval_range.cpp
  Flow walk_range(const BranchNode& node, const Value& dot);
  Flow iterate(const BranchNode& node, const Value& index, const Value& element);
  Flow pass(const BranchNode& node, const Value& index, const Value& element);
  Memo::State::Loop* kept_loop(const BranchNode& node);
  void end_memo();
  Flow range_integer(const BranchNode& node, const Value& value, bool& any);
  Flow range_list(const BranchNode& node, const Value& value);
  Flow range_map(const BranchNode& node, const Value& value);
  Flow range_channel(const BranchNode& node, const Value& value, bool& any);

  // eval_expr.cpp: pipelines, operands, fields. `final` is the value piped in, or null.
  bool eval_pipeline(const Pipeline& pipe, const Value& dot, Value& out);
  bool eval_command(const Command& command, const Value& dot, const Value* final, Value& out);
  bool eval_fields(const std::vector<FieldName>& fields, const Operand& node, Value receiver, const Value& dot,
                   std::span<const Operand> args, const Value* final, Value& out);
  bool eval_field(const FieldName& field, const Operand& node, const Value& receiver, const Value& dot,
                  std::span<const Operand> args, const Value* final, Value& out);
  bool record_field(const FieldName& field, const Value& receiver, bool has_args, Value& out);
  bool map_field(const FieldName& field, const Value& receiver, bool has_args, Value& out);
  bool eval_chain(const Operand& node, const Value& dot, std::span<const Operand> args, const Value* final, Value& out);
  bool eval_variable(const Operand& node, const Value& dot, std::span<const Operand> args, const Value* final,
                     Value& out);
  bool set_variable(const Declaration& declaration, const Value& value);
  bool not_a_function(std::span<const Operand> args, const Operand& first, const Value* final);

  // eval_call.cpp: calls and typed arguments
  struct Signature {
    std::string_view name;
    std::span<const Type* const> params;
    bool variadic = false;
  };
  bool eval_function(const Operand& node, const Command* command, const Value& dot, std::span<const Operand> args,
                     const Value* final, Value& out);
  bool eval_method(const MethodOps& method, const Operand& node, const Value& self, const Value& dot,
                   std::span<const Operand> args, const Value* final, Value& out);
  bool check_arity(const Signature& signature, std::size_t args, bool has_final);
  bool eval_args(const Signature& signature, const Value& dot, std::span<const Operand> args, const Value* final,
                 Value* out);
  bool eval_logic(Builtin which, const Value& dot, std::span<const Operand> args, const Value* final, Value& out);
  bool eval_argument(const Operand& node, const Type* type, const Value& dot, Value& out);
  bool eval_constant(const Operand& node, const Type& type, Value& out);
  bool validate(Value& value, const Type* type);
  bool charge_text(Args values);
  bool finish_call(Result<Value> result, std::string_view name, const Operand& node, const Command* command,
                   Value& out);

  const TemplateSet& set_;
  Host& host_;
  EvaluateOptions options_;
  BoundedText* out_ = nullptr;
  const Template* template_ = nullptr;  // the one that runs
  std::vector<Value> frames_;           // variables of all running templates
  std::size_t frame_ = 0;               // where those of the running one start
  At at_;
  std::uint32_t depth_ = 0;
  std::uint64_t steps_left_;
  std::uint64_t look_at_heap_below_;  // steps left at which the heap is looked at next
  std::optional<std::size_t> first_heap_;  // bytes in use when it was looked at first
  std::uintptr_t stack_start_ = 0;
  std::optional<Diagnostic> error_;
  std::vector<Diagnostic> skipped_;  // errors of actions given up while the host is incomplete
  std::map<std::type_index, std::shared_ptr<void>> locals_;
  bool recording_ = false;  // within a pass that may be kept
};

}  // namespace longshore::tmpl
