// Tokens to trees, by recursive descent, with the grammar and the messages of Go's parser. Used by parse() only.
//
// The first error is kept and poisons the token stream, so every loop ends by itself; nodes built after it are
// discarded.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/ast.h"
#include "common/tmpl/lexer.h"
#include "common/tmpl/name_stack.h"
#include "common/tmpl/source.h"
#include "common/tmpl/template_set.h"

namespace longshore::tmpl {

// Constants; the error is Go's text. number.cpp
std::expected<NumberNode, std::string> parse_number(const Token& token);

class Parser {
 public:
  Parser(std::shared_ptr<const Source> source, Functions functions, const ParseOptions& options);
  ParseResult run();

 private:
  // What Go keeps per tree: definitions and blocks have their own look-ahead, variables and loop depth.
  struct Tree {
    explicit Tree(std::string tree_name) : name(std::move(tree_name)) {}
    std::string name;
    std::array<Token, 3> tokens;
    int peeked = 0;
    std::uint32_t action_line = 0;
    int range_depth = 0;
    // Names that Go's parser accepts, and those that its executor would find at this point, by slot.
    NameStack declared{"$"};
    NameStack frame{"$"};
    std::uint32_t frame_size = 1;
  };
  struct Item {
    enum class Kind { statement, end, else_ } kind = Kind::statement;
    std::uint32_t offset = 0;
    std::optional<Statement> statement;
  };
  class NestingGuard;

  Token next();
  void backup() { ++tree_->peeked; }
  void backup2(const Token& first);
  void backup3(const Token& second, const Token& first);
  Token peek();
  Token next_non_space();
  Token peek_non_space();
  Token expect(TokenKind kind, std::string_view context);

  void fail(std::string message, std::string hint = {});
  void unexpected(const Token& token, std::string_view context);
  bool failed() const { return error_.has_value(); }

  void parse_file();
  void parse_definition();
  Item item_list(StatementList& list);
  Item text_or_action();
  Item action();
  Item branch(BranchKind kind, std::string_view context);
  Item else_control();
  Item block_control();
  Item template_control();
  Item loop_control(const Token& token, std::string_view context);
  std::string template_name(const Token& token, std::string_view context);
  void add_template(Tree& tree, StatementList body);

  Pipeline pipeline(std::string_view context, TokenKind end);
  // Parses one declared name if there is one; true if another follows.
  bool declaration(Pipeline& pipe, std::string_view context);
  void check_pipeline(const Pipeline& pipe, std::string_view context);
  Command command();
  std::optional<Operand> operand();
  std::optional<Operand> term();
  Operand field_chain(Operand base);
  Operand function(const Token& token);
  Operand variable(std::uint32_t offset, const std::string& name);
  std::uint32_t find_slot(std::string_view name) const;
  void declare(Pipeline& pipe);

  std::shared_ptr<const Source> source_;
  Functions functions_;
  ParseOptions options_;
  Lexer lexer_;
  std::shared_ptr<TemplateSet> set_;
  Tree* tree_ = nullptr;
  struct Use {
    std::string name;
    std::uint32_t offset;
  };
  void check_uses();
  std::vector<Use> uses_;  // of templates, for require_templates
  std::size_t nesting_ = 0;
  std::optional<Diagnostic> error_;
};

// Counts one level of recursion while it lives; too many levels are an error.
class Parser::NestingGuard {
 public:
  NestingGuard(Parser& parser, std::string_view message) : parser_(parser) {
    if (++parser_.nesting_ > parser_.options_.max_nesting) parser_.fail(std::string(message));
  }
  ~NestingGuard() { --parser_.nesting_; }
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;

 private:
  Parser& parser_;
};

}  // namespace longshore::tmpl
