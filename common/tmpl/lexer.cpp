#include "common/tmpl/lexer.h"

#include <algorithm>
#include <utility>

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kLeftComment = "/*";
constexpr std::string_view kRightComment = "*/";
constexpr std::uint32_t kTrimWidth = 2;  // the minus and the space that goes with it

constexpr std::pair<std::string_view, TokenKind> kKeywords[] = {{"block", TokenKind::block},
                                                                {"break", TokenKind::break_},
                                                                {"continue", TokenKind::continue_},
                                                                {"define", TokenKind::define},
                                                                {"else", TokenKind::else_},
                                                                {"end", TokenKind::end},
                                                                {"if", TokenKind::if_},
                                                                {"nil", TokenKind::nil},
                                                                {"range", TokenKind::range},
                                                                {"template", TokenKind::template_},
                                                                {"with", TokenKind::with}};

bool is_blank(std::int32_t rune) {
  return rune == ' ' || rune == '\t' || rune == '\r' || rune == '\n';
}
bool is_word(std::int32_t rune) {
  return rune == '_' || is_letter(rune) || is_digit(rune);
}

bool left_trim(std::string_view text) {
  return text.size() >= 2 && text[0] == '-' && is_blank(text[1]);
}
bool right_trim(std::string_view text) {
  return text.size() >= 2 && is_blank(text[0]) && text[1] == '-';
}

std::uint32_t newlines(std::string_view text) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

std::uint32_t leading_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  return static_cast<std::uint32_t>(first == std::string_view::npos ? text.size() : first);
}

std::uint32_t trailing_blanks(std::string_view text) {
  const auto last = text.find_last_not_of(kSpaces);
  return static_cast<std::uint32_t>(last == std::string_view::npos ? text.size() : text.size() - last - 1);
}

}  // namespace

std::string describe(const Token& token) {
  if (token.kind == TokenKind::end_of_file) return "EOF";
  if (token.kind == TokenKind::error) return std::string(token.text);
  if (is_keyword(token.kind)) return "<" + std::string(token.text) + ">";
  if (token.text.size() <= 10) return quote(token.text);
  // Ten characters, not bytes.
  std::string_view rest = token.text;
  for (int i = 0; i < 10 && !rest.empty(); ++i) rest.remove_prefix(decode_rune(rest).width);
  return quote(token.text.substr(0, token.text.size() - rest.size())) + "...";
}

Lexer::Lexer(std::string_view input, std::string_view left, std::string_view right, bool break_is_name,
             bool continue_is_name)
    : input_(input),
      left_(left.empty() ? "{{" : left),
      right_(right.empty() ? "}}" : right),
      break_is_name_(break_is_name),
      continue_is_name_(continue_is_name) {}

Token Lexer::next() {
  Token token;
  for (;;) {
    switch (state_) {
      case State::done:
        return last_;
      case State::text:
        if (scan_text(token)) return token;
        break;
      case State::left_delimiter:
        if (scan_left_delimiter(token)) return token;
        break;
      case State::comment:
        if (scan_comment(token)) return token;
        break;
      case State::right_delimiter:
        if (scan_right_delimiter(token)) return token;
        break;
      case State::inside:
        if (scan_inside(token)) return token;
        break;
    }
  }
}

std::string_view Lexer::rest(std::size_t skip) const {
  return input_.substr(std::min<std::size_t>(position_ + skip, input_.size()));
}

bool Lexer::emit(Token& token, TokenKind kind) {
  token = {kind, start_, start_line_, input_.substr(start_, position_ - start_)};
  start_ = position_;
  start_line_ = line_;
  if (kind == TokenKind::end_of_file) {
    state_ = State::done;
    last_ = token;
  }
  return true;
}

bool Lexer::error(Token& token, std::string message) {
  message_ = std::move(message);
  token = {TokenKind::error, start_, start_line_, message_};
  state_ = State::done;
  last_ = token;
  return true;
}

// Drops what has been scanned since the last token; the caller has not counted its lines.
void Lexer::ignore() {
  line_ += newlines(input_.substr(start_, position_ - start_));
  start_ = position_;
  start_line_ = line_;
}

Lexer::Rune Lexer::peek() const {
  if (position_ >= input_.size()) return {};
  const auto byte = static_cast<unsigned char>(input_[position_]);
  if (byte < 0x80) return {byte, 1};
  const DecodedRune rune = decode_rune(rest());
  return {rune.value, rune.width};
}

std::int32_t Lexer::take() {
  const Rune rune = peek();
  position_ += rune.width;
  if (rune.value == '\n') ++line_;
  return rune.value;
}

bool Lexer::accept(std::string_view set) {
  const Rune rune = peek();
  if (rune.value < 0 || rune.value >= 0x80 || set.find(static_cast<char>(rune.value)) == std::string_view::npos)
    return false;
  take();
  return true;
}

void Lexer::accept_run(std::string_view set) {
  while (accept(set)) {
  }
}

bool Lexer::at_terminator() const {
  const std::int32_t rune = peek().value;
  if (is_blank(rune)) return true;
  switch (rune) {
    case -1:
    case '.':
    case ',':
    case '|':
    case ':':
    case ')':
    case '(':
      return true;
    default:
      return rest().starts_with(right_);
  }
}

Lexer::RightDelimiter Lexer::at_right_delimiter() const {
  if (right_trim(rest()) && rest(kTrimWidth).starts_with(right_)) return {true, true};
  return {rest().starts_with(right_), false};
}

bool Lexer::scan_text(Token& token) {
  const auto at = input_.find(left_, position_);
  if (at == std::string_view::npos) {
    position_ = static_cast<std::uint32_t>(input_.size());
    if (position_ > start_) {
      line_ += newlines(input_.substr(start_, position_ - start_));
      return emit(token, TokenKind::text);
    }
    return emit(token, TokenKind::end_of_file);
  }
  position_ = static_cast<std::uint32_t>(at);
  std::uint32_t trimmed = 0;
  if (left_trim(rest(left_.size()))) trimmed = trailing_blanks(input_.substr(start_, position_ - start_));
  position_ -= trimmed;
  state_ = State::left_delimiter;
  const bool has_text = position_ > start_;
  if (has_text) {
    line_ += newlines(input_.substr(start_, position_ - start_));
    emit(token, TokenKind::text);
  }
  position_ += trimmed;
  ignore();
  return has_text;
}

bool Lexer::scan_left_delimiter(Token& token) {
  position_ += static_cast<std::uint32_t>(left_.size());
  const std::uint32_t marker = left_trim(rest()) ? kTrimWidth : 0;
  if (rest(marker).starts_with(kLeftComment)) {
    position_ += marker;
    ignore();
    state_ = State::comment;
    return false;
  }
  state_ = State::inside;
  emit(token, TokenKind::left_delimiter);
  position_ += marker;
  ignore();
  paren_depth_ = 0;
  return true;
}

bool Lexer::scan_comment(Token& token) {
  const auto at = input_.find(kRightComment, position_ + kLeftComment.size());
  if (at == std::string_view::npos) return error(token, "unclosed comment");
  position_ = static_cast<std::uint32_t>(at + kRightComment.size());
  const RightDelimiter delimiter = at_right_delimiter();
  if (!delimiter.found) return error(token, "comment ends before closing delimiter");
  if (delimiter.trims) position_ += kTrimWidth;
  position_ += static_cast<std::uint32_t>(right_.size());
  if (delimiter.trims) position_ += leading_blanks(rest());
  ignore();
  state_ = State::text;
  return false;
}

bool Lexer::scan_right_delimiter(Token& token) {
  const bool trims = at_right_delimiter().trims;
  if (trims) {
    position_ += kTrimWidth;
    ignore();
  }
  position_ += static_cast<std::uint32_t>(right_.size());
  emit(token, TokenKind::right_delimiter);
  if (trims) {
    position_ += leading_blanks(rest());
    ignore();
  }
  state_ = State::text;
  return true;
}

bool Lexer::scan_inside(Token& token) {
  if (at_right_delimiter().found) {
    if (paren_depth_ != 0) return error(token, "unclosed left paren");
    state_ = State::right_delimiter;
    return false;
  }
  const std::int32_t rune = peek().value;
  if (rune < 0) return error(token, "unclosed action");
  if (is_blank(rune)) return scan_space(token);
  if (is_word(rune) && !(rune >= '0' && rune <= '9')) return scan_identifier(token);
  if (rune == '+' || rune == '-' || (rune >= '0' && rune <= '9')) return scan_number_token(token);
  take();
  switch (rune) {
    case '=':
      return emit(token, TokenKind::assign);
    case ':':
      if (take() != '=') return error(token, "expected :=");
      return emit(token, TokenKind::declare);
    case '|':
      return emit(token, TokenKind::pipe);
    case '"':
      return scan_quoted(token, '"', TokenKind::string, "unterminated quoted string");
    case '`':
      return scan_raw(token);
    case '\'':
      return scan_quoted(token, '\'', TokenKind::char_constant, "unterminated character constant");
    case '$':
      if (at_terminator()) return emit(token, TokenKind::variable);
      return scan_field_or_variable(token, TokenKind::variable);
    case '.': {
      const std::int32_t after = peek().value;
      if (after < 0 || (after >= '0' && after <= '9')) {
        --position_;
        return scan_number_token(token);
      }
      return scan_field_or_variable(token, TokenKind::field);
    }
    case '(':
      ++paren_depth_;
      return emit(token, TokenKind::left_paren);
    case ')':
      if (--paren_depth_ < 0) return error(token, "unexpected right paren");
      return emit(token, TokenKind::right_paren);
    default:
      if (rune < 0x80 && is_printable(rune)) return emit(token, TokenKind::character);
      return error(token, "unrecognized character in action: " + describe_rune(rune));
  }
}

bool Lexer::scan_space(Token& token) {
  int spaces = 0;
  // The blank that belongs to a trim marker is left for the delimiter.
  while (is_blank(peek().value)) {
    if (right_trim(rest()) && rest(kTrimWidth).starts_with(right_)) {
      if (spaces != 0) break;
      state_ = State::right_delimiter;
      return false;
    }
    take();
    ++spaces;
  }
  return emit(token, TokenKind::space);
}

bool Lexer::scan_identifier(Token& token) {
  while (is_word(peek().value)) take();
  if (!at_terminator()) return error(token, "bad character " + describe_rune(peek().value));
  const std::string_view word = input_.substr(start_, position_ - start_);
  for (const auto& [name, kind] : kKeywords) {
    if (name != word) continue;
    const bool is_name =
        (kind == TokenKind::break_ && break_is_name_) || (kind == TokenKind::continue_ && continue_is_name_);
    return emit(token, is_name ? TokenKind::identifier : kind);
  }
  return emit(token, word == "true" || word == "false" ? TokenKind::boolean : TokenKind::identifier);
}

// The mark ($ or .) has been taken.
bool Lexer::scan_field_or_variable(Token& token, TokenKind kind) {
  if (at_terminator()) return emit(token, kind == TokenKind::variable ? kind : TokenKind::dot);
  while (is_word(peek().value)) take();
  if (!at_terminator()) return error(token, "bad character " + describe_rune(peek().value));
  return emit(token, kind);
}

// The opening quote has been taken.
bool Lexer::scan_quoted(Token& token, char mark, TokenKind kind, std::string_view unterminated) {
  for (;;) {
    std::int32_t rune = take();
    if (rune == mark) return emit(token, kind);
    if (rune == '\\') {
      rune = take();
      if (rune >= 0 && rune != '\n') continue;
    }
    if (rune < 0 || rune == '\n') return error(token, std::string(unterminated));
  }
}

bool Lexer::scan_raw(Token& token) {
  std::int32_t rune = take();
  while (rune >= 0 && rune != '`') rune = take();
  return rune < 0 ? error(token, "unterminated raw quoted string") : emit(token, TokenKind::raw_string);
}

bool Lexer::scan_number_token(Token& token) {
  const auto bad = [&] {
    return error(token, "bad number syntax: " + quote(input_.substr(start_, position_ - start_)));
  };
  if (!scan_number()) return bad();
  const std::int32_t sign = peek().value;
  if (sign != '+' && sign != '-') return emit(token, TokenKind::number);
  if (!scan_number() || input_[position_ - 1] != 'i') return bad();
  return emit(token, TokenKind::complex);
}

// Accepts some things that are no numbers, such as 0x0.2 or a lone dot; the parser notices.
bool Lexer::scan_number() {
  constexpr std::string_view kDecimal = "0123456789_";
  constexpr std::string_view kHexadecimal = "0123456789abcdefABCDEF_";
  accept("+-");
  std::string_view digits = kDecimal;
  if (accept("0")) {
    if (accept("xX"))
      digits = kHexadecimal;
    else if (accept("oO"))
      digits = "01234567_";
    else if (accept("bB"))
      digits = "01_";
  }
  accept_run(digits);
  if (accept(".")) accept_run(digits);
  if (digits == kDecimal && accept("eE")) {
    accept("+-");
    accept_run(kDecimal);
  }
  if (digits == kHexadecimal && accept("pP")) {
    accept("+-");
    accept_run(kDecimal);
  }
  accept("i");
  if (!is_word(peek().value)) return true;
  take();
  return false;
}

}  // namespace longshore::tmpl
