// Tokens of HCL 1 to the tree. Source of the rules: HashiCorp's hcl v1, hcl/parser.
#pragma once
#include "common/hcl/lexer.h"

namespace longshore::hcl {

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}
  Parsed<Value> file();

 private:
  Parsed<void> advance();
  Parsed<void> items(std::vector<Item>& out, TokenKind closing, Position opening);
  Parsed<Item> item();
  Parsed<Value> value();
  Parsed<Value> object();
  Parsed<Value> list();
  Parsed<void> enter(Position position);

  Lexer lexer_;
  Token token_;
  int depth_ = 0;
};

// The number that `written` is: decimal, 0x, leading 0 = octal, fraction, exponent. For both languages.
Parsed<Value> number_value(Position position, const std::string& written, bool floating);

}  // namespace longshore::hcl
