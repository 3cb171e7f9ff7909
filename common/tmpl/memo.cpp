#include "common/tmpl/memo.h"

#include <set>

#include "common/tmpl/memo_state.h"

namespace longshore::tmpl {
namespace {

// What the text of a piece of a template depends on.
class Reach {
 public:
  // whole: a template of its own, in whose frame there is nothing from outside.
  Reach(const TemplateSet& set, std::set<const Template*>& seen, bool whole) : set_(set), seen_(seen), whole_(whole) {}

  void declare(const std::vector<Declaration>& declarations) {
    for (const Declaration& declared : declarations) own_.insert(declared.slot);
  }
  void statements(const StatementList& list, int loops) {
    for (const Statement& statement : list) std::visit([&](const auto& node) { look(node, loops); }, statement.node);
  }
  bool repeatable() const { return repeatable_; }
  bool reads() const { return reads_; }

 private:
  void look(const TextNode&, int) {}
  void look(const ActionNode& node, int) { pipeline(node.pipeline); }
  void look(const BranchNode& node, int loops) {
    pipeline(node.pipeline);
    statements(node.body, loops + (node.kind == BranchKind::range ? 1 : 0));
    for (const ElseBranch& other : node.others) {
      pipeline(other.pipeline);
      statements(other.body, loops);
    }
    if (node.else_body) statements(*node.else_body, loops);
  }
  void look(const TemplateNode& node, int) {
    if (node.pipeline) pipeline(*node.pipeline);
    const Template* tree = set_.find(node.name);
    if (tree == nullptr) repeatable_ = false;
    if (tree == nullptr || !seen_.insert(tree).second) return;
    Reach inner(set_, seen_, true);
    inner.statements(tree->body, 0);
    repeatable_ = repeatable_ && inner.repeatable_;
    reads_ = reads_ || inner.reads_;
  }
  // One that leaves the pass itself.
  void look(const BreakNode&, int loops) { repeatable_ = repeatable_ && loops > 0; }
  void look(const ContinueNode&, int loops) { repeatable_ = repeatable_ && loops > 0; }

  void pipeline(const Pipeline& pipe) {
    for (const Command& command : pipe.commands)
      for (const Operand& operand : command.args) look(operand);
    if (!pipe.is_assignment) return declare(pipe.declarations);
    for (const Declaration& assigned : pipe.declarations) variable(assigned.slot);
  }

  void look(const Operand& operand) {
    if (const auto* identifier = std::get_if<IdentifierNode>(&operand.node)) {
      const Repeat repeat = identifier->function == nullptr ? Repeat::no : identifier->function->repeat;
      repeatable_ = repeatable_ && repeat != Repeat::no;
      reads_ = reads_ || repeat == Repeat::reads;
    } else if (const auto* used = std::get_if<VariableNode>(&operand.node)) {
      // $ is the root, which stays.
      if (used->slot != 0) variable(used->slot);
    } else if (const auto* chain = std::get_if<ChainNode>(&operand.node)) {
      look(*chain->base);
    } else if (const auto* inner = std::get_if<std::unique_ptr<Pipeline>>(&operand.node)) {
      pipeline(**inner);
    }
  }
  void variable(std::uint32_t slot) { repeatable_ = repeatable_ && slot != kNoSlot && (whole_ || own_.contains(slot)); }

  const TemplateSet& set_;
  std::set<const Template*>& seen_;
  bool whole_;
  std::set<std::uint32_t> own_;
  bool repeatable_ = true;
  bool reads_ = false;
};

}  // namespace

Memo::Memo() : state_(std::make_unique<State>()) {}
Memo::~Memo() = default;

bool keeps_passes(const TemplateSet& set, const BranchNode& loop) {
  std::set<const Template*> seen;
  Reach reach(set, seen, false);
  reach.declare(loop.pipeline.declarations);
  reach.statements(loop.body, 0);
  // range $x = ...: a variable from outside.
  return reach.repeatable() && reach.reads() && !loop.pipeline.is_assignment;
}

bool same_element(const Value& left, const Value& right) {
  if (!left.valid() || !right.valid()) return left.valid() == right.valid();
  if (&left.type() != &right.type() || left.boxed() != right.boxed()) return false;
  switch (left.kind()) {
    case Kind::string:
      return left.as_string() == right.as_string();
    case Kind::record:
      return left.object() == right.object() && left.object() != nullptr && left.type().methods.empty();
    default:
      return left.is_integer() && left.as_uint() == right.as_uint();
  }
}

}  // namespace longshore::tmpl
