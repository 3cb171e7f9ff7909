#include "common/hcl/parser.h"

#include "common/hcl/reader.h"

namespace longshore::hcl {

Parsed<Value> Parser::file() {
  Value root{.kind = Kind::object, .position = {1, 1}, .text = {}, .elements = {}, .items = {}};
  LS_HCL_TRY_STATUS(advance());
  LS_HCL_TRY_STATUS(items(root.items, TokenKind::end, {1, 1}));
  return root;
}

Parsed<void> Parser::advance() {
  LS_HCL_TRY(token, lexer_.next());
  token_ = std::move(token);
  return {};
}

Parsed<void> Parser::enter(Position position) {
  if (++depth_ > kMaxDepth)
    return std::unexpected(SyntaxError{position, "more than " + std::to_string(kMaxDepth) + " levels deep", true});
  return {};
}

// A comma after an item is allowed and means nothing.
Parsed<void> Parser::items(std::vector<Item>& out, TokenKind closing, Position opening) {
  while (token_.kind != closing) {
    if (token_.kind == TokenKind::end) return syntax_error(opening, "this '{' is never closed: '}' is missing");
    if (token_.kind == TokenKind::right_brace) return syntax_error(token_.position, "'}' without a '{' before it");
    LS_HCL_TRY(read, item());
    out.push_back(std::move(read));
    if (token_.kind != TokenKind::comma) continue;
    LS_HCL_TRY_STATUS(advance());
  }
  return {};
}

Parsed<Item> Parser::item() {
  Item out;
  while (token_.kind == TokenKind::identifier || token_.kind == TokenKind::string) {
    out.keys.push_back({token_.text, token_.position});
    LS_HCL_TRY_STATUS(advance());
  }
  if (out.keys.empty()) return syntax_error(token_.position, "expected a name here, found " + describe(token_));
  const Key& last = out.keys.back();
  if (token_.kind == TokenKind::assign) {
    if (out.keys.size() > 1)
      return syntax_error(token_.position,
                          "only one name may stand before '=' (labels belong to blocks: name \"label\" {)");
    LS_HCL_TRY_STATUS(advance());
  } else if (token_.kind != TokenKind::left_brace) {
    return syntax_error(token_.position, "expected '=' or '{' after '" + last.text + "', found " + describe(token_));
  }
  LS_HCL_TRY(read, value());
  out.value = std::move(read);
  return out;
}

// Leaves the token after the value in `token_`.
Parsed<Value> Parser::value() {
  Value out{.position = token_.position, .text = {}, .elements = {}, .items = {}};
  switch (token_.kind) {
    case TokenKind::boolean:
      out.kind = Kind::boolean;
      out.boolean = token_.text == "true";
      break;
    case TokenKind::string:
      out.kind = Kind::string;
      out.text = std::move(token_.text);
      break;
    case TokenKind::integer:
    case TokenKind::floating: {
      LS_HCL_TRY(number, number_value(token_.position, token_.text, token_.kind == TokenKind::floating));
      out = std::move(number);
      break;
    }
    case TokenKind::left_brace:
      return object();
    case TokenKind::left_bracket:
      return list();
    case TokenKind::identifier:
      return syntax_error(token_.position,
                          "expected a value, found " + describe(token_) + "; strings take double quotes");
    default:
      return syntax_error(token_.position, "expected a value, found " + describe(token_));
  }
  LS_HCL_TRY_STATUS(advance());
  return out;
}

Parsed<Value> Parser::object() {
  Value out{.kind = Kind::object, .position = token_.position, .text = {}, .elements = {}, .items = {}};
  LS_HCL_TRY_STATUS(enter(out.position));
  LS_HCL_TRY_STATUS(advance());
  LS_HCL_TRY_STATUS(items(out.items, TokenKind::right_brace, out.position));
  LS_HCL_TRY_STATUS(advance());
  --depth_;
  return out;
}

// hcl v1 takes extra commas, so [1,,2,] is a list of two.
Parsed<Value> Parser::list() {
  Value out{.kind = Kind::list, .position = token_.position, .text = {}, .elements = {}, .items = {}};
  LS_HCL_TRY_STATUS(enter(out.position));
  LS_HCL_TRY_STATUS(advance());
  while (token_.kind != TokenKind::right_bracket) {
    if (token_.kind == TokenKind::end) return syntax_error(out.position, "this '[' is never closed: ']' is missing");
    if (token_.kind != TokenKind::comma) {
      LS_HCL_TRY(element, value());
      out.elements.push_back(std::move(element));
      if (token_.kind != TokenKind::comma && token_.kind != TokenKind::right_bracket && token_.kind != TokenKind::end)
        return syntax_error(token_.position, "expected ',' or ']' in this list, found " + describe(token_));
    }
    if (token_.kind != TokenKind::comma) continue;
    LS_HCL_TRY_STATUS(advance());
  }
  LS_HCL_TRY_STATUS(advance());
  --depth_;
  return out;
}

}  // namespace longshore::hcl
