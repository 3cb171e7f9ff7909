#include "common/tmpl/parser.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

bool only_space(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    if (!is_space(rune.value)) return false;
    text.remove_prefix(rune.width);
  }
  return true;
}

// Such a tree may be replaced by a later definition of the same name.
bool is_empty(const StatementList& list) {
  return std::all_of(list.begin(), list.end(), [](const Statement& statement) {
    const auto* text = std::get_if<TextNode>(&statement.node);
    return text != nullptr && only_space(text->text);
  });
}

}  // namespace

Parser::Parser(std::shared_ptr<const Source> source, Functions functions, const ParseOptions& options)
    : source_(std::move(source)),
      functions_(std::move(functions)),
      options_(options),
      lexer_(source_->text, options.left_delimiter, options.right_delimiter, functions_->find("break") != nullptr,
             functions_->find("continue") != nullptr),
      set_(std::make_shared<TemplateSet>(source_, functions_)) {}

ParseResult Parser::run() {
  Tree tree(source_->name);
  tree_ = &tree;
  parse_file();
  if (!failed() && options_.require_templates) check_uses();
  if (error_) return std::unexpected(std::move(*error_));
  return set_;
}

void Parser::check_uses() {
  for (const Use& use : uses_) {
    if (set_->find(use.name) != nullptr) continue;
    const auto similar = base::suggest(use.name, set_->names());
    tree_->tokens[0].offset = use.offset;
    tree_->tokens[0].line = source_->locate(use.offset).line;
    return fail("template " + quote(use.name) + " not defined", similar ? "did you mean " + quote(*similar) + "?" : "");
  }
}

Token Parser::next() {
  if (failed()) return {TokenKind::error, 0, 0, {}};
  if (tree_->peeked > 0)
    --tree_->peeked;
  else
    tree_->tokens[0] = lexer_.next();
  return tree_->tokens[static_cast<std::size_t>(tree_->peeked)];
}

void Parser::backup2(const Token& first) {
  tree_->tokens[1] = first;
  tree_->peeked = 2;
}

void Parser::backup3(const Token& second, const Token& first) {
  tree_->tokens[1] = first;
  tree_->tokens[2] = second;
  tree_->peeked = 3;
}

Token Parser::peek() {
  if (failed()) return {TokenKind::error, 0, 0, {}};
  if (tree_->peeked > 0) return tree_->tokens[static_cast<std::size_t>(tree_->peeked - 1)];
  tree_->peeked = 1;
  tree_->tokens[0] = lexer_.next();
  return tree_->tokens[0];
}

Token Parser::next_non_space() {
  Token token = next();
  while (token.kind == TokenKind::space) token = next();
  return token;
}

Token Parser::peek_non_space() {
  const Token token = next_non_space();
  if (!failed()) backup();
  return token;
}

Token Parser::expect(TokenKind kind, std::string_view context) {
  const Token token = next_non_space();
  if (token.kind != kind) unexpected(token, context);
  return token;
}

void Parser::fail(std::string message, std::string hint) {
  if (failed()) return;
  const Token& token = tree_->tokens[0];
  Location location = source_->locate(token.offset);
  location.line = token.line;
  std::string text = "template: " + source_->name + ":" + std::to_string(token.line) + ": " + message;
  std::string line(source_->line(token.line));
  if (location.column > line.size()) location.column = static_cast<std::uint32_t>(line.size());
  error_ = Diagnostic{std::move(text), std::move(location), std::move(line), std::move(hint), false};
}

void Parser::unexpected(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::error) return fail("unexpected " + describe(token) + " in " + std::string(context));
  std::string extra;
  if (tree_->action_line != 0 && tree_->action_line != token.line) {
    extra = token.text.ends_with(" action") ? "" : " in action";
    extra += " started at " + source_->name + ":" + std::to_string(tree_->action_line);
  }
  fail(std::string(token.text) + extra);
}

void Parser::add_template(Tree& tree, StatementList body) {
  auto& slot = set_->templates_[tree.name];
  if (slot != nullptr && !is_empty(slot->body)) {
    if (!is_empty(body)) fail("template: multiple definition of template " + quote(tree.name));
    return;
  }
  slot = std::make_unique<const Template>(Template{tree.name, std::move(body), tree.frame_size});
}

void Parser::parse_file() {
  StatementList body;
  peek();
  while (peek().kind != TokenKind::end_of_file && !failed()) {
    if (peek().kind == TokenKind::left_delimiter) {
      const Token delimiter = next();
      if (next_non_space().kind == TokenKind::define) {
        Tree* const outer = tree_;
        Tree definition("definition");
        tree_ = &definition;
        parse_definition();
        tree_ = outer;
        continue;
      }
      backup2(delimiter);
    }
    Item item = text_or_action();
    if (item.kind != Item::Kind::statement)
      fail(item.kind == Item::Kind::end ? "unexpected {{end}}" : "unexpected {{else}}");
    else if (item.statement)
      body.push_back(std::move(*item.statement));
  }
  if (!failed()) add_template(*tree_, std::move(body));
}

void Parser::parse_definition() {
  constexpr std::string_view kContext = "define clause";
  const Token token = next_non_space();
  if (token.kind != TokenKind::string && token.kind != TokenKind::raw_string) return unexpected(token, kContext);
  tree_->name = template_name(token, kContext);
  expect(TokenKind::right_delimiter, kContext);
  StatementList body;
  const Item end = item_list(body);
  if (end.kind != Item::Kind::end) fail("unexpected {{else}} in " + std::string(kContext));
  if (!failed()) add_template(*tree_, std::move(body));
}

// Statements up to {{end}} or {{else}}, which is returned.
Parser::Item Parser::item_list(StatementList& list) {
  while (peek_non_space().kind != TokenKind::end_of_file && !failed()) {
    Item item = text_or_action();
    if (item.kind != Item::Kind::statement) return item;
    if (item.statement) list.push_back(std::move(*item.statement));
  }
  fail("unexpected EOF");
  return {};
}

Parser::Item Parser::text_or_action() {
  const Token token = next_non_space();
  switch (token.kind) {
    case TokenKind::text:
      return {.offset = token.offset, .statement = Statement{token.offset, TextNode{std::string(token.text)}}};
    case TokenKind::left_delimiter: {
      tree_->action_line = token.line;
      Item item = action();
      tree_->action_line = 0;
      return item;
    }
    default:
      unexpected(token, "input");
      return {};
  }
}

Parser::Item Parser::action() {
  const Token token = next_non_space();
  switch (token.kind) {
    case TokenKind::block:
      return block_control();
    case TokenKind::break_:
      return loop_control(token, "{{break}}");
    case TokenKind::continue_:
      return loop_control(token, "{{continue}}");
    case TokenKind::else_:
      return else_control();
    case TokenKind::end:
      return {Item::Kind::end, expect(TokenKind::right_delimiter, "end").offset, {}};
    case TokenKind::if_:
      return branch(BranchKind::if_, "if");
    case TokenKind::range:
      return branch(BranchKind::range, "range");
    case TokenKind::template_:
      return template_control();
    case TokenKind::with:
      return branch(BranchKind::with, "with");
    default:
      break;
  }
  backup();
  const Token first = peek();
  Statement statement{first.offset, ActionNode{pipeline("command", TokenKind::right_delimiter)}};
  return {.offset = first.offset, .statement = std::move(statement)};
}

Parser::Item Parser::loop_control(const Token& token, std::string_view context) {
  if (const Token after = next_non_space(); after.kind != TokenKind::right_delimiter) unexpected(after, context);
  if (tree_->range_depth == 0) fail(std::string(context) + " outside {{range}}");
  Statement statement{token.offset, BreakNode{}};
  if (token.kind == TokenKind::continue_) statement.node = ContinueNode{};
  return {.offset = token.offset, .statement = std::move(statement)};
}

Parser::Item Parser::branch(BranchKind kind, std::string_view context) {
  const NestingGuard guard(*this, "control structures nested too deeply");
  const std::size_t declared = tree_->declared.size();
  const std::size_t frame = tree_->frame.size();
  BranchNode node{.kind = kind,
                  .pipeline = pipeline(context, TokenKind::right_delimiter),
                  .body = {},
                  .others = {},
                  .else_body = {}};
  const std::uint32_t offset = node.pipeline.offset;
  std::size_t inner_frame = tree_->frame.size();
  if (kind == BranchKind::range) ++tree_->range_depth;
  Item end = item_list(node.body);
  if (kind == BranchKind::range) --tree_->range_depth;
  while (end.kind == Item::Kind::else_ && !failed()) {
    // What the body declares exists for Go's parser in the else part, but not for its executor.
    tree_->frame.shrink(inner_frame);
    const TokenKind follower = peek().kind;
    // {{else if x}} is {{else}}{{if x}} with a shared {{end}}; likewise with.
    const bool chained = (kind == BranchKind::if_ && follower == TokenKind::if_) ||
                         (kind == BranchKind::with && follower == TokenKind::with);
    if (!chained) {
      if (item_list(node.else_body.emplace()).kind != Item::Kind::end) fail("expected end; found {{else}}");
      break;
    }
    next();
    ElseBranch other{pipeline(context, TokenKind::right_delimiter), {}};
    inner_frame = tree_->frame.size();
    end = item_list(other.body);
    node.others.push_back(std::move(other));
  }
  tree_->declared.shrink(declared);
  tree_->frame.shrink(frame);
  return {.offset = offset, .statement = Statement{offset, std::move(node)}};
}

Parser::Item Parser::else_control() {
  const Token following = peek_non_space();
  if (following.kind == TokenKind::if_ || following.kind == TokenKind::with)
    return {Item::Kind::else_, following.offset, {}};
  return {Item::Kind::else_, expect(TokenKind::right_delimiter, "else").offset, {}};
}

Parser::Item Parser::block_control() {
  constexpr std::string_view kContext = "block clause";
  const NestingGuard guard(*this, "control structures nested too deeply");
  const Token token = next_non_space();
  std::string name = template_name(token, kContext);
  TemplateNode node{name, pipeline(kContext, TokenKind::right_delimiter)};
  if (failed()) return {};

  Tree* const outer = tree_;
  Tree block(std::move(name));
  tree_ = &block;
  StatementList body;
  const Item end = item_list(body);
  if (!failed()) add_template(block, std::move(body));
  tree_ = outer;
  if (end.kind != Item::Kind::end) fail("unexpected {{else}} in " + std::string(kContext));
  return {.offset = token.offset, .statement = Statement{token.offset, std::move(node)}};
}

Parser::Item Parser::template_control() {
  constexpr std::string_view kContext = "template clause";
  const Token token = next_non_space();
  TemplateNode node{template_name(token, kContext), std::nullopt};
  uses_.push_back({node.name, token.offset});
  if (next_non_space().kind != TokenKind::right_delimiter) {
    backup();
    node.pipeline = pipeline(kContext, TokenKind::right_delimiter);
  }
  return {.offset = token.offset, .statement = Statement{token.offset, std::move(node)}};
}

std::string Parser::template_name(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::string && token.kind != TokenKind::raw_string) {
    unexpected(token, context);
    return {};
  }
  auto name = unquote(token.text);
  if (name) return std::move(*name);
  fail(name.error());
  return {};
}

}  // namespace longshore::tmpl
