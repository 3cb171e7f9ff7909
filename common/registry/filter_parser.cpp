#include "common/registry/filter_parser.h"

#include "common/base/text.h"

namespace longshore::registry {
namespace {

using Op = FilterMatch::Op;
using TreeKind = FilterTree::Kind;
using Tree = FilterTree;

constexpr int kMostDepth = 64;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

// A word with dots may be a selector or a value; which, the operator decides.
struct Operand {
  std::vector<std::string> path;  // empty for quoted texts and numbers
  std::string text;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Tree> parse() {
    LS_TRY(tree, either(0));
    skip_space();
    if (at_ != text_.size()) return wrong("expected: the end, \"and\" or \"or\"");
    return std::move(tree);
  }

 private:
  std::unexpected<Error> wrong(const std::string& what) const {
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t i = 0; i < at_; ++i) {
      ++column;
      if (text_[i] == '\n') ++line, column = 1;
    }
    return fail(Errc::rejected, std::to_string(line) + ":" + std::to_string(column) + " (" + std::to_string(at_) +
                                    "): no match found, " + what);
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  // A keyword with an end of word behind it.
  bool take_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && is_word(text_[end])) return false;
    at_ = end;
    return true;
  }

  bool take(std::string_view sign) {
    skip_space();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  // One child stands for itself.
  static Tree joined(TreeKind kind, std::vector<Tree> children) {
    if (children.size() == 1 && kind != TreeKind::negation) return std::move(children.front());
    Tree tree;
    tree.kind = kind;
    tree.children = std::move(children);
    return tree;
  }

  Result<Tree> either(int depth) {
    std::vector<Tree> children;
    do {
      LS_TRY(next, both(depth));
      children.push_back(std::move(next));
    } while (take_word("or"));
    return joined(TreeKind::either, std::move(children));
  }

  Result<Tree> both(int depth) {
    std::vector<Tree> children;
    do {
      LS_TRY(next, negation(depth));
      children.push_back(std::move(next));
    } while (take_word("and"));
    return joined(TreeKind::both, std::move(children));
  }

  Result<Tree> negation(int depth) {
    if (depth > kMostDepth) return fail(Errc::rejected, "the expression is nested too deeply");
    if (take_word("not")) {
      LS_TRY(operand, negation(depth + 1));
      std::vector<Tree> children;
      children.push_back(std::move(operand));
      return joined(TreeKind::negation, std::move(children));
    }
    if (take("(")) {
      LS_TRY(inner, either(depth + 1));
      if (!take(")")) return wrong("expected: \")\"");
      return std::move(inner);
    }
    return match();
  }

  Result<Tree> match() {
    LS_TRY(left, operand());
    LS_TRY(op, operation());
    Tree tree;
    tree.match.op = op.op;
    if (op.value_first) {
      LS_TRY(selector, operand());
      if (selector.path.empty()) return wrong("expected: a selector");
      tree.match.selector = std::move(selector.path);
      tree.match.value = std::move(left.text);
      return tree;
    }
    if (left.path.empty()) return wrong("expected: \"in\" or \"not in\"");
    tree.match.selector = std::move(left.path);
    if (op.op == Op::is_empty || op.op == Op::is_not_empty) return tree;
    LS_TRY(value, operand());
    tree.match.value = std::move(value.text);
    return tree;
  }

  struct Operation {
    Op op = Op::equal;
    bool value_first = false;
  };

  Result<Operation> operation() {
    if (take("==")) return Operation{Op::equal, false};
    if (take("!=")) return Operation{Op::not_equal, false};
    if (take_word("is")) {
      const bool negative = take_word("not");
      if (!take_word("empty")) return wrong("expected: \"empty\"");
      return Operation{negative ? Op::is_not_empty : Op::is_empty, false};
    }
    const bool negative = take_word("not");
    if (take_word("in")) return Operation{negative ? Op::not_in : Op::in, true};
    if (take_word("contains")) return Operation{negative ? Op::not_in : Op::in, false};
    if (take_word("matches")) return Operation{negative ? Op::not_matches : Op::matches, false};
    if (negative) return wrong("expected: \"contains\", \"in\" or \"matches\"");
    return wrong("expected: \"!=\", \"==\", \"contains\", \"in\", \"is\", \"matches\" or \"not\"");
  }

  Result<Operand> operand() {
    skip_space();
    const char first = peek();
    if (first == '"' || first == '`') return quoted();
    if (first == '-' || is_digit(first)) return number();
    if (is_letter(first)) return path();
    return wrong("expected: \"(\", \"not\", a selector, a number or a quoted text");
  }

  Result<Operand> quoted() {
    const char quote = text_[at_];
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return wrong(std::string("expected: ") + quote);
    Operand out;
    out.text = std::string(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return out;
  }

  Result<Operand> number() {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    while (is_digit(peek()) || peek() == '.') ++at_;
    if (is_word(peek())) return fail(Errc::rejected, "rule \"number\": Invalid number literal");
    Operand out;
    out.text = std::string(text_.substr(begin, at_ - begin));
    return out;
  }

  Result<Operand> path() {
    const std::size_t begin = at_;
    Operand out;
    out.path.push_back(word());
    while (true) {
      if (peek() == '.' && at_ + 1 < text_.size() && is_letter(text_[at_ + 1])) {
        ++at_;
        out.path.push_back(word());
      } else if (peek() == '[') {
        ++at_;
        if (peek() != '"' && peek() != '`') return wrong("expected: a quoted text");
        LS_TRY(key, quoted());
        if (peek() != ']') return wrong("expected: \"]\"");
        ++at_;
        out.path.push_back(std::move(key.text));
      } else {
        break;
      }
    }
    out.text = std::string(text_.substr(begin, at_ - begin));
    return out;
  }

  std::string word() {
    const std::size_t begin = at_;
    while (is_word(peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<FilterTree> parse_filter(std::string_view text) {
  return Parser(text).parse();
}

std::string selector_text(const std::vector<std::string>& selector) {
  return base::join(selector, ".");
}

}  // namespace longshore::registry
