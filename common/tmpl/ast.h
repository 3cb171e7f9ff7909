// The tree of a parsed template: a closed set of node types, immutable after parsing, owned by the TemplateSet.
// There are two walkers: unparse.cpp prints, eval*.cpp execute. Names and functions are resolved at parse time.
#pragma once
#include <atomic>
#include <complex>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/tmpl/function_table.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl {

// Where the field of this name was found last time. Only a hint, checked against the record's own table before use, so
// that a relaxed pointer is enough and the tree stays logically immutable.
class FieldHint {
 public:
  FieldHint() = default;
  FieldHint(const FieldHint&) {}
  FieldHint& operator=(const FieldHint&) { return *this; }
  const FieldOps* get() const { return field_.load(std::memory_order_relaxed); }
  void set(const FieldOps* field) const { field_.store(field, std::memory_order_relaxed); }

 private:
  mutable std::atomic<const FieldOps*> field_ = nullptr;
};

struct FieldName {
  std::string name;
  Value key;  // the name as a Go string, for maps
  FieldHint hint;
};

struct Pipeline;

struct DotNode {};
struct NilNode {};
struct BoolNode {
  bool value = false;
};
struct NumberNode {
  std::string text;  // as written
  bool is_int = false;
  bool is_uint = false;
  bool is_float = false;
  bool is_complex = false;
  std::int64_t int_value = 0;
  std::uint64_t uint_value = 0;
  double float_value = 0;
  std::complex<double> complex_value;
  Value constant;  // its value where no type is asked for; invalid if it overflows int
};
struct StringNode {
  std::string quoted;  // as written
  Value constant;
};
struct FieldNode {  // .A.B
  std::vector<FieldName> fields;
};
inline constexpr std::uint32_t kNoSlot = UINT32_MAX;
struct VariableNode {  // $x.A.B
  std::string name;    // with the dollar sign
  // Index in the template's stack frame; kNoSlot if Go's parser accepts the name but its executor will not find it.
  std::uint32_t slot = kNoSlot;
  std::vector<FieldName> fields;
};
enum class Builtin : std::uint8_t { none, and_, or_, call };  // functions with their own evaluation rules
struct IdentifierNode {
  std::string name;
  const Function* function = nullptr;
  Builtin builtin = Builtin::none;
};
struct Operand;
struct ChainNode {  // (pipeline).A.B or function.A
  std::unique_ptr<Operand> base;
  std::vector<FieldName> fields;
};

struct Operand {
  std::uint32_t offset = 0;  // Go's position: for .A.B that of the last part
  std::variant<DotNode, NilNode, BoolNode, NumberNode, StringNode, FieldNode, VariableNode, IdentifierNode, ChainNode,
               std::unique_ptr<Pipeline>>
      node;
};

struct Command {
  std::uint32_t offset = 0;
  std::vector<Operand> args;  // at least one
};

struct Declaration {
  std::string name;
  std::uint32_t slot = kNoSlot;  // in the template's stack frame; kNoSlot: see VariableNode
};

struct Pipeline {
  std::uint32_t offset = 0;
  bool is_assignment = false;
  std::vector<Declaration> declarations;  // at most two
  std::vector<Command> commands;          // at least one
};

struct Statement;
using StatementList = std::vector<Statement>;

struct TextNode {
  std::string text;
};
struct ActionNode {
  Pipeline pipeline;
};
enum class BranchKind : std::uint8_t { if_, with, range };
struct ElseBranch {
  Pipeline pipeline;
  StatementList body;
};
struct BranchNode {
  BranchKind kind = BranchKind::if_;
  Pipeline pipeline;
  StatementList body;
  std::vector<ElseBranch> others;  // {{else if}} or {{else with}}: flat, as such chains can be long
  std::optional<StatementList> else_body;
};
struct TemplateNode {
  std::string name;
  std::optional<Pipeline> pipeline;
};
struct BreakNode {};
struct ContinueNode {};

struct Statement {
  std::uint32_t offset = 0;
  std::variant<TextNode, ActionNode, BranchNode, TemplateNode, BreakNode, ContinueNode> node;
};

struct Template {
  std::string name;
  StatementList body;
  std::uint32_t frame_size = 1;  // slots for variables; slot 0 is $
};

// Go's canonical text of a node, as error messages quote it.
std::string unparse(const Operand& operand);
std::string unparse(const Command& command);
std::string unparse(const Pipeline& pipeline);
std::string unparse(const Statement& statement);
std::string unparse(const StatementList& list);

}  // namespace longshore::tmpl
