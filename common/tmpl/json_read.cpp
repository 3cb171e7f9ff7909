#include "common/tmpl/json_text.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr int kMaxDepth = 900;  // below the evaluator's bound for data

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Value> document() {
    LS_TRY(root, value(0));
    skip_space();
    if (at_ < text_.size()) return invalid("after top-level value");
    return root;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool at_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  std::unexpected<Error> error(std::string text) const { return fail(Errc::template_error, std::move(text)); }
  // The current character where it does not belong, in Go's words.
  // Within words and numbers Go takes the end for a blank.
  std::unexpected<Error> invalid(std::string_view where, bool in_word = false) const {
    if (at_end() && in_word) return error("invalid character ' ' " + std::string(where));
    if (at_end()) return error("unexpected end of JSON input");
    const char c = text_[at_];
    std::string shown = c == '\'' ? "'\\''" : c == '"' ? "'\"'" : std::string();
    if (shown.empty()) {
      std::string rune;
      append_rune(rune, static_cast<unsigned char>(c));
      const std::string quoted = quote(rune);
      shown = "'" + quoted.substr(1, quoted.size() - 2) + "'";
    }
    return error("invalid character " + shown + " " + std::string(where));
  }

  Result<Value> value(int depth) {
    skip_space();
    if (at_end()) return invalid("");
    switch (text_[at_]) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"': {
        LS_TRY(text, string());
        return Value::string(std::move(text));
      }
      case 't':
        return literal("true", Value::boolean(true));
      case 'f':
        return literal("false", Value::boolean(false));
      case 'n':
        return literal("null", Value::nil());
      default:
        break;
    }
    if (at('-') || at_digit()) return number();
    return invalid("looking for beginning of value");
  }

  Result<Value> literal(std::string_view word, Value result) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_)
      if (!at(word[i]))
        return invalid("in literal " + std::string(word) + " (expecting '" + std::string(1, word[i]) + "')", true);
    return result;
  }

  Result<Value> number() {
    const std::size_t start = at_;
    if (at('-')) ++at_;
    if (!at_digit()) return invalid("in numeric literal", true);
    if (at('0'))
      ++at_;
    else
      while (at_digit()) ++at_;
    if (at('.')) {
      ++at_;
      if (!at_digit()) return invalid("after decimal point in numeric literal", true);
      while (at_digit()) ++at_;
    }
    if (at('e') || at('E')) {
      ++at_;
      if (at('+') || at('-')) ++at_;
      if (!at_digit()) return invalid("in exponent of numeric literal", true);
      while (at_digit()) ++at_;
    }
    const std::string_view digits = text_.substr(start, at_ - start);
    const auto parsed = parse_float(digits);
    if (parsed) return Value::floating(*parsed);
    return error("json: cannot unmarshal number " + std::string(digits) + " into Go value of type float64");
  }

  // Four hexadecimal digits after \u.
  Result<std::int32_t> unit() {
    std::int32_t out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_end() ? '\0' : text_[at_];
      const char low = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9')
        out = out * 16 + (c - '0');
      else if (low >= 'a' && low <= 'f')
        out = out * 16 + (low - 'a' + 10);
      else
        return invalid("in \\u hexadecimal character escape");
    }
    return out;
  }

  Status escape(std::string& out) {
    if (at_end()) return invalid("");
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    const char c = text_[at_];
    if (const auto found = kNames.find(c); found != std::string_view::npos) {
      out += kValues[found];
      ++at_;
      return {};
    }
    if (c != 'u') return invalid("in string escape code");
    ++at_;
    LS_TRY(first, unit());
    if (first < 0xD800 || first > 0xDBFF || text_.substr(at_, 2) != "\\u") {
      append_rune(out, first);
      return {};
    }
    // A pair of surrogates; a lone one becomes U+FFFD.
    const std::size_t before = at_;
    at_ += 2;
    LS_TRY(second, unit());
    if (second >= 0xDC00 && second <= 0xDFFF) {
      append_rune(out, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
    } else {
      append_rune(out, kRuneError);
      at_ = before;
    }
    return {};
  }

  Result<std::string> string() {
    std::string out;
    ++at_;
    for (;;) {
      if (at_end()) return invalid("");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (static_cast<unsigned char>(c) < ' ') return invalid("in string literal");
      if (c == '\\') {
        ++at_;
        LS_TRY_STATUS(escape(out));
        continue;
      }
      const DecodedRune rune = decode_rune(text_.substr(at_));
      append_rune(out, rune.value);
      at_ += rune.width;
    }
  }

  Result<Value> array(int depth) {
    if (depth >= kMaxDepth) return error("exceeded max depth");
    std::vector<Value> elements;
    ++at_;
    skip_space();
    if (at(']')) {
      ++at_;
      return any_list({});
    }
    for (;;) {
      LS_TRY(element, value(depth + 1));
      elements.push_back(std::move(element));
      skip_space();
      if (at(']')) break;
      if (!at(',')) return invalid("after array element");
      ++at_;
    }
    ++at_;
    return any_list(std::move(elements));
  }

  Result<Value> object(int depth) {
    if (depth >= kMaxDepth) return error("exceeded max depth");
    std::vector<MapEntry> entries;
    ++at_;
    skip_space();
    if (at('}')) {
      ++at_;
      return any_map({});
    }
    for (;;) {
      skip_space();
      if (!at('"')) return invalid("looking for beginning of object key string");
      LS_TRY(key, string());
      skip_space();
      if (!at(':')) return invalid("after object key");
      ++at_;
      LS_TRY(element, value(depth + 1));
      entries.emplace_back(Value::string(std::move(key)), std::move(element));
      skip_space();
      if (at('}')) break;
      if (!at(',')) return invalid("after object key:value pair");
      ++at_;
    }
    ++at_;
    return Value::map(types::kMapOfAny, std::move(entries));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Value> read_json(std::string_view text) {
  return Reader(text).document();
}

}  // namespace longshore::tmpl
