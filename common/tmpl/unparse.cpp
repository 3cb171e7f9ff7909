#include "common/tmpl/ast.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

class Printer {
 public:
  std::string take() { return std::move(out_); }

  void print(const StatementList& list) {
    for (const Statement& statement : list) print(statement);
  }

  void print(const Statement& statement) {
    std::visit([&](const auto& node) { print_node(node); }, statement.node);
  }

  void print(const Pipeline& pipeline) {
    for (std::size_t i = 0; i < pipeline.declarations.size(); ++i) {
      if (i != 0) out_ += ", ";
      out_ += pipeline.declarations[i].name;
    }
    if (!pipeline.declarations.empty()) out_ += pipeline.is_assignment ? " = " : " := ";
    for (std::size_t i = 0; i < pipeline.commands.size(); ++i) {
      if (i != 0) out_ += " | ";
      print(pipeline.commands[i]);
    }
  }

  void print(const Command& command) {
    for (std::size_t i = 0; i < command.args.size(); ++i) {
      if (i != 0) out_ += ' ';
      print_in_parens(command.args[i]);
    }
  }

  void print(const Operand& operand) {
    std::visit([&](const auto& node) { print_node(node); }, operand.node);
  }

 private:
  void print_in_parens(const Operand& operand) {
    const bool parens = std::holds_alternative<std::unique_ptr<Pipeline>>(operand.node);
    if (parens) out_ += '(';
    print(operand);
    if (parens) out_ += ')';
  }

  void print_fields(const std::vector<FieldName>& fields) {
    for (const FieldName& field : fields) {
      out_ += '.';
      out_ += field.name;
    }
  }

  void print_node(const DotNode&) { out_ += '.'; }
  void print_node(const NilNode&) { out_ += "nil"; }
  void print_node(const BoolNode& node) { out_ += node.value ? "true" : "false"; }
  void print_node(const NumberNode& node) { out_ += node.text; }
  void print_node(const StringNode& node) { out_ += node.quoted; }
  void print_node(const FieldNode& node) { print_fields(node.fields); }
  void print_node(const VariableNode& node) {
    out_ += node.name;
    print_fields(node.fields);
  }
  void print_node(const IdentifierNode& node) { out_ += node.name; }
  void print_node(const ChainNode& node) {
    print_in_parens(*node.base);
    print_fields(node.fields);
  }
  void print_node(const std::unique_ptr<Pipeline>& node) { print(*node); }

  void print_node(const TextNode& node) { out_ += node.text; }
  void print_node(const ActionNode& node) {
    out_ += "{{";
    print(node.pipeline);
    out_ += "}}";
  }
  // Go prints a chain as branches within else; no error text shows it, and a long one could not be read again.
  void print_node(const BranchNode& node) {
    const char* word = node.kind == BranchKind::if_ ? "if " : node.kind == BranchKind::with ? "with " : "range ";
    const auto part = [&](const char* open, const Pipeline& pipeline, const StatementList& body) {
      ((out_ += open) += word);
      print(pipeline);
      out_ += "}}";
      print(body);
    };
    part("{{", node.pipeline, node.body);
    for (const ElseBranch& other : node.others) part("{{else ", other.pipeline, other.body);
    if (node.else_body) {
      out_ += "{{else}}";
      print(*node.else_body);
    }
    out_ += "{{end}}";
  }
  void print_node(const TemplateNode& node) {
    out_ += "{{template ";
    out_ += quote(node.name);
    if (node.pipeline) {
      out_ += ' ';
      print(*node.pipeline);
    }
    out_ += "}}";
  }
  void print_node(const BreakNode&) { out_ += "{{break}}"; }
  void print_node(const ContinueNode&) { out_ += "{{continue}}"; }

  std::string out_;
};

template <class Node>
std::string printed(const Node& node) {
  Printer printer;
  printer.print(node);
  return printer.take();
}

}  // namespace

std::string unparse(const Operand& operand) {
  return printed(operand);
}
std::string unparse(const Command& command) {
  return printed(command);
}
std::string unparse(const Pipeline& pipeline) {
  return printed(pipeline);
}
std::string unparse(const Statement& statement) {
  return printed(statement);
}
std::string unparse(const StatementList& list) {
  return printed(list);
}

}  // namespace longshore::tmpl
