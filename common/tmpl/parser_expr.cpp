#include "common/base/text.h"
#include "common/tmpl/parser.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

// A single pipeline of this many stages is a mistake or an attack; Go stops here too.
constexpr std::size_t kMaxStages = 100'000;

FieldName field_name(std::string_view name) {
  return {std::string(name), Value::string(std::string(name)), {}};
}

// Whether a later stage of a pipeline may be this; a constant cannot take an argument.
bool is_executable(const Operand& operand) {
  return !(std::holds_alternative<BoolNode>(operand.node) || std::holds_alternative<DotNode>(operand.node) ||
           std::holds_alternative<NilNode>(operand.node) || std::holds_alternative<NumberNode>(operand.node) ||
           std::holds_alternative<StringNode>(operand.node));
}

bool starts_operand(TokenKind kind) {
  switch (kind) {
    case TokenKind::boolean:
    case TokenKind::char_constant:
    case TokenKind::complex:
    case TokenKind::dot:
    case TokenKind::field:
    case TokenKind::identifier:
    case TokenKind::number:
    case TokenKind::nil:
    case TokenKind::raw_string:
    case TokenKind::string:
    case TokenKind::variable:
    case TokenKind::left_paren:
      return true;
    default:
      return false;
  }
}

}  // namespace

Pipeline Parser::pipeline(std::string_view context, TokenKind end) {
  Pipeline pipe;
  pipe.offset = peek_non_space().offset;
  while (declaration(pipe, context)) {
  }
  while (!failed()) {
    const Token token = next_non_space();
    if (token.kind == end) {
      check_pipeline(pipe, context);
      break;
    }
    if (!starts_operand(token.kind)) {
      unexpected(token, context);
      break;
    }
    backup();
    pipe.commands.push_back(command());
    if (pipe.commands.size() > kMaxStages) fail("pipeline too long");
  }
  declare(pipe);
  return pipe;
}

bool Parser::declaration(Pipeline& pipe, std::string_view context) {
  const Token name = peek_non_space();
  if (name.kind != TokenKind::variable) return false;
  next();
  // Space is a token: in "$x foo" the word must be read to know that $x is an argument and not a declaration.
  const Token adjacent = peek();
  const Token following = peek_non_space();
  const bool comma = following.kind == TokenKind::character && following.text == ",";
  if (following.kind == TokenKind::assign || following.kind == TokenKind::declare || comma) {
    if (!comma) pipe.is_assignment = following.kind == TokenKind::assign;
    next_non_space();
    pipe.declarations.push_back({std::string(name.text), find_slot(name.text)});
    tree_->declared.push(name.text);
    if (!comma) return false;
    if (context == "range" && pipe.declarations.size() < 2) {
      const TokenKind kind = peek_non_space().kind;
      if (kind == TokenKind::variable || kind == TokenKind::right_delimiter || kind == TokenKind::right_paren)
        return true;
      fail("range can only initialize variables");
      return false;
    }
    fail("too many declarations in " + std::string(context));
    return false;
  }
  if (adjacent.kind == TokenKind::space)
    backup3(name, adjacent);
  else
    backup2(name);
  return false;
}

// The variables exist once the pipeline has been evaluated, so a pipeline cannot see its own.
void Parser::declare(Pipeline& pipe) {
  if (pipe.is_assignment) return;
  for (Declaration& declaration : pipe.declarations) {
    declaration.slot = static_cast<std::uint32_t>(tree_->frame.size());
    tree_->frame.push(declaration.name);
  }
  tree_->frame_size = std::max(tree_->frame_size, static_cast<std::uint32_t>(tree_->frame.size()));
}

void Parser::check_pipeline(const Pipeline& pipe, std::string_view context) {
  if (pipe.commands.empty()) return fail("missing value for " + std::string(context));
  for (std::size_t i = 1; i < pipe.commands.size(); ++i) {
    if (pipe.commands[i].args.empty() || is_executable(pipe.commands[i].args[0])) continue;
    return fail("non executable command in pipeline stage " + std::to_string(i + 1));
  }
}

Command Parser::command() {
  Command result;
  result.offset = peek_non_space().offset;
  while (!failed()) {
    peek_non_space();
    if (auto argument = operand()) result.args.push_back(std::move(*argument));
    const Token token = next();
    if (token.kind == TokenKind::space) continue;
    if (token.kind == TokenKind::right_delimiter || token.kind == TokenKind::right_paren)
      backup();
    else if (token.kind != TokenKind::pipe)
      unexpected(token, "operand");
    break;
  }
  if (result.args.empty()) fail("empty command");
  return result;
}

std::optional<Operand> Parser::operand() {
  auto node = term();
  if (!node || peek().kind != TokenKind::field) return node;
  return field_chain(std::move(*node));
}

// Fields after a term. `.A` and `$x` take them in; other terms become a chain.
Operand Parser::field_chain(Operand base) {
  const std::uint32_t offset = peek().offset;
  std::vector<FieldName> fields;
  while (peek().kind == TokenKind::field) fields.push_back(field_name(next().text.substr(1)));
  auto* own = std::get_if<FieldNode>(&base.node) != nullptr      ? &std::get<FieldNode>(base.node).fields
              : std::get_if<VariableNode>(&base.node) != nullptr ? &std::get<VariableNode>(base.node).fields
                                                                 : nullptr;
  if (own != nullptr) {
    for (FieldName& field : fields) own->push_back(std::move(field));
    base.offset = offset;
    return base;
  }
  const bool literal = !is_executable(base);
  if (literal) fail("unexpected . after term " + quote(unparse(base)));
  return {offset, ChainNode{std::make_unique<Operand>(std::move(base)), std::move(fields)}};
}

std::optional<Operand> Parser::term() {
  const Token token = next_non_space();
  switch (token.kind) {
    case TokenKind::identifier:
      return function(token);
    case TokenKind::dot:
      return Operand{token.offset, DotNode{}};
    case TokenKind::nil:
      return Operand{token.offset, NilNode{}};
    case TokenKind::variable:
      return variable(token.offset, std::string(token.text));
    case TokenKind::field: {
      FieldNode node;
      node.fields.push_back(field_name(token.text.substr(1)));
      return Operand{token.offset, std::move(node)};
    }
    case TokenKind::boolean:
      return Operand{token.offset, BoolNode{token.text == "true"}};
    case TokenKind::char_constant:
    case TokenKind::complex:
    case TokenKind::number: {
      auto number = parse_number(token);
      if (!number) {
        fail(number.error());
        return std::nullopt;
      }
      return Operand{token.offset, std::move(*number)};
    }
    case TokenKind::left_paren: {
      const NestingGuard guard(*this, "max expression depth exceeded");
      auto inner = std::make_unique<Pipeline>(pipeline("parenthesized pipeline", TokenKind::right_paren));
      const std::uint32_t offset = inner->offset;
      return Operand{offset, std::move(inner)};
    }
    case TokenKind::string:
    case TokenKind::raw_string: {
      auto text = unquote(token.text);
      if (!text) {
        fail(text.error());
        return std::nullopt;
      }
      return Operand{token.offset, StringNode{std::string(token.text), Value::string(std::move(*text))}};
    }
    default:
      break;
  }
  if (!failed()) backup();
  return std::nullopt;
}

Operand Parser::function(const Token& token) {
  const std::string name(token.text);
  const Function* found = functions_->find(name);
  if (found == nullptr) {
    // Who knows sprig from elsewhere writes its names as they are there.
    const std::string in_sprig = "sprig_" + name;
    const auto similar =
        functions_->find(in_sprig) != nullptr ? std::optional(in_sprig) : base::suggest(name, functions_->names());
    fail("function " + quote(name) + " not defined", similar ? "did you mean " + quote(*similar) + "?" : std::string());
  } else if (!found->unsupported.empty()) {
    fail("function " + quote(name) + " not supported: " + found->unsupported);
  }
  IdentifierNode node{name, found, Builtin::none};
  if (found != nullptr && found->is_builtin)
    node.builtin = name == "and"    ? Builtin::and_
                   : name == "or"   ? Builtin::or_
                   : name == "call" ? Builtin::call
                                    : Builtin::none;
  return {token.offset, std::move(node)};
}

std::uint32_t Parser::find_slot(std::string_view name) const {
  return tree_->frame.find(name).value_or(kNoSlot);
}

Operand Parser::variable(std::uint32_t offset, const std::string& name) {
  if (tree_->declared.find(name)) return {offset, VariableNode{name, find_slot(name), {}}};
  const auto similar = base::suggest(name, tree_->declared.names());
  fail("undefined variable " + quote(name),
       similar && *similar != "$" ? "did you mean " + *similar + "?" : std::string());
  return {offset, DotNode{}};
}

}  // namespace longshore::tmpl
