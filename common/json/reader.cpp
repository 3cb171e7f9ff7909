#include "common/json/reader.h"

#include <charconv>
#include <cstring>

#include "common/base/text.h"
#include "common/json/json.h"

namespace longshore::json {
namespace {

bool ends_word(char c) {
  return c == ',' || c == ':' || c == ']' || c == '}' || c == '"' || c == '[' || c == '{';
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

const char* type_at(char c) {
  switch (c) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "boolean";
    case 'n':
      return "null";
    default:
      return "number";
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hex digits at `at`; -1 if they are not there.
int hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

}  // namespace

void Reader::stop(Errc code, std::string text) {
  if (failed_) return;
  failed_ = true;
  error_ = Error{code, std::move(text)};
}

std::string Reader::path() const {
  std::string out(what_);
  for (const Step& step : path_) {
    if (step.key.data() == nullptr)
      out += "[" + std::to_string(step.index) + "]";
    else
      out += (out.empty() ? "" : ".") + std::string(step.key);
  }
  return out;
}

void Reader::refuse(std::string text) {
  const std::string where = path();
  stop(Errc::protocol, where.empty() ? std::move(text) : where + ": " + text);
}

void Reader::wrong(const char* expected) {
  if (peek() == '\0') return malformed("it ends here");
  refuse(std::string("expected ") + expected + ", found " + type_at(peek()));
}

void Reader::malformed(const char* reason) {
  stop(Errc::protocol, (what_.empty() ? "" : std::string(what_) + ": ") + "malformed JSON at byte " +
                           std::to_string(at_) + ": " + reason);
}

// The next character that is no white space; '\0' at the end and after an error.
char Reader::peek() {
  if (failed_) return '\0';
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool Reader::null() {
  if (peek() != 'n') return false;
  if (text_.substr(at_, 4) != "null") {
    malformed("no such word");
    return false;
  }
  at_ += 4;
  return true;
}

bool Reader::enter(char bracket, const char* expected) {
  const char found = peek();
  if (found != bracket) {
    wrong(expected);
    return false;
  }
  ++at_;
  if (++depth_ > kMaxDepth) stop(Errc::limit, std::string(what_) + ": JSON is nested deeper than 512 levels");
  return !failed_;
}

// To the next member or item; false at the end of the object or array.
bool Reader::next(char end, bool first) {
  const char c = peek();
  if (failed_) return false;
  if (c == end) {
    ++at_;
    return false;
  }
  if (first) return true;
  if (c != ',') {
    malformed(c == '\0' ? "it ends here" : "a comma or the end of the list is missing");
    return false;
  }
  ++at_;
  return true;
}

std::string_view Reader::member_name() {
  if (peek() != '"') {
    malformed("the name of a member is missing");
    return {};
  }
  std::string_view name = raw_string();
  if (name.find('\\') != std::string_view::npos) {
    name = names_.emplace_back(unescape(name));
  }
  if (peek() != ':') {
    malformed("a colon is missing");
    return {};
  }
  ++at_;
  return name.empty() ? std::string_view("") : name;
}

// What is between the quotes, escapes as they are.
std::string_view Reader::raw_string() {
  const std::size_t begin = ++at_;
  while (at_ < text_.size()) {
    const char* quote = static_cast<const char*>(std::memchr(text_.data() + at_, '"', text_.size() - at_));
    if (quote == nullptr) break;
    at_ = static_cast<std::size_t>(quote - text_.data());
    std::size_t slashes = 0;
    while (at_ - slashes > begin && text_[at_ - slashes - 1] == '\\') ++slashes;
    ++at_;
    if (slashes % 2 == 0) return text_.substr(begin, at_ - 1 - begin);
  }
  at_ = text_.size();
  malformed("a string has no end");
  return {};
}

std::string Reader::unescape(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out += raw[i];
      continue;
    }
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    const char name = ++i < raw.size() ? raw[i] : '\0';
    if (const std::size_t known = kNames.find(name); name != '\0' && known != std::string_view::npos) {
      out += kValues[known];
      continue;
    }
    int code = name == 'u' ? hex4(raw, i + 1) : -1;
    if (code < 0) {
      malformed("a string has an unknown escape");
      return {};
    }
    i += 4;
    // Halves of a pair that stand alone become U+FFFD, as in Go.
    if (code >= 0xD800 && code < 0xE000) {
      const int low = code < 0xDC00 && raw.substr(i + 1, 2) == "\\u" ? hex4(raw, i + 3) : -1;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
        i += 6;
      } else {
        code = 0xFFFD;
      }
    }
    append_utf8(out, static_cast<unsigned>(code));
  }
  return out;
}

std::string Reader::text() {
  if (null() || failed_) return {};
  if (peek() != '"') {
    wrong("a string");
    return {};
  }
  const std::string_view raw = raw_string();
  bool plain = true;
  bool ascii = true;
  for (const char c : raw) {
    plain = plain && c != '\\';
    ascii = ascii && static_cast<signed char>(c) >= 0x20;
  }
  if (!ascii) {
    for (const char c : raw)
      if (static_cast<unsigned char>(c) < 0x20) {
        malformed("a string has a control character");
        return {};
      }
    if (!base::valid_utf8(raw)) {
      malformed("a string is no UTF-8");
      return {};
    }
  }
  return plain ? std::string(raw) : unescape(raw);
}

std::string_view Reader::number() {
  const char c = peek();
  const std::size_t begin = at_;
  if (c != '-' && (c < '0' || c > '9')) return {};
  while (at_ < text_.size() &&
         (std::strchr("+-.eE", text_[at_]) != nullptr || (text_[at_] >= '0' && text_[at_] <= '9')))
    ++at_;
  return text_.substr(begin, at_ - begin);
}

std::int64_t Reader::integer() {
  if (null() || failed_) return 0;
  const std::size_t begin = (peek(), at_);
  const std::string_view digits = number();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!digits.empty() && error == std::errc() && end == digits.data() + digits.size()) return value;
  if (!digits.empty() && error == std::errc::result_out_of_range) {
    refuse("out of range");
    return 0;
  }
  at_ = begin;
  wrong("an integer");
  return 0;
}

std::uint64_t Reader::unsigned_integer() {
  if (null() || failed_) return 0;
  const std::size_t begin = (peek(), at_);
  const std::string_view digits = number();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!digits.empty() && error == std::errc() && end == digits.data() + digits.size()) return value;
  at_ = begin;
  wrong("a non-negative integer");
  return 0;
}

bool Reader::boolean() {
  if (null() || failed_) return false;
  peek();
  for (const std::string_view word : {std::string_view("true"), std::string_view("false")})
    if (text_.substr(at_, word.size()) == word) {
      at_ += word.size();
      return word == "true";
    }
  wrong("a boolean");
  return false;
}

std::vector<std::string> Reader::texts() {
  std::vector<std::string> out;
  if (null() || failed_) return out;
  if (!enter('[', "an array")) return out;
  for (bool first = true; next(']', first); first = false) {
    if (peek() != '"') {
      wrong("strings");
      break;
    }
    out.push_back(text());
  }
  --depth_;
  return out;
}

// One value of any kind, by its brackets.
void Reader::skip() {
  int open = 0;
  do {
    const char c = peek();
    if (failed_) return;
    switch (c) {
      case '{':
      case '[':
        ++at_;
        if (depth_ + ++open > kMaxDepth) {
          stop(Errc::limit, std::string(what_) + ": JSON is nested deeper than 512 levels");
          return;
        }
        break;
      case '}':
      case ']':
        if (open == 0) return malformed("a value is missing");
        ++at_;
        --open;
        break;
      case '"':
        raw_string();
        break;
      case ',':
      case ':':
        if (open == 0) return malformed("a value is missing");
        ++at_;
        break;
      case '\0':
        return malformed("it ends here");
      default: {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) && !ends_word(text_[at_])) ++at_;
        if (at_ == begin) return malformed("an unexpected character");
      }
    }
  } while (open > 0);
}

std::string_view Reader::raw() {
  peek();
  const std::size_t begin = at_;
  skip();
  return failed_ ? std::string_view() : text_.substr(begin, at_ - begin);
}

Status Reader::finish() {
  peek();
  if (!failed_ && at_ < text_.size()) malformed("something follows the document");
  if (failed_) return fail(error_);
  return {};
}

}  // namespace longshore::json
