// Text to tokens. Knows delimiters, trim markers, comments and positions; nothing of grammar.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/tmpl/token.h"

namespace longshore::tmpl {

class Lexer {
 public:
  // `input` outlives the lexer. Empty delimiters mean {{ and }}. With `break_is_name` (`continue_is_name`) the word is
  // an identifier, as Go has it when a function of that name exists.
  Lexer(std::string_view input, std::string_view left, std::string_view right, bool break_is_name,
        bool continue_is_name);

  // After an error token or end_of_file the same token is returned for ever.
  Token next();

 private:
  enum class State : std::uint8_t { text, left_delimiter, comment, right_delimiter, inside, done };

  // Each scans from the current position and either produces a token (true) or only changes the state.
  bool scan_text(Token& token);
  bool scan_left_delimiter(Token& token);
  bool scan_comment(Token& token);
  bool scan_right_delimiter(Token& token);
  bool scan_inside(Token& token);
  bool scan_space(Token& token);
  bool scan_identifier(Token& token);
  bool scan_field_or_variable(Token& token, TokenKind kind);
  bool scan_quoted(Token& token, char quote, TokenKind kind, std::string_view unterminated);
  bool scan_raw(Token& token);
  bool scan_number_token(Token& token);
  bool scan_number();

  bool emit(Token& token, TokenKind kind);
  bool error(Token& token, std::string message);
  void ignore();

  struct Rune {
    std::int32_t value = -1;  // -1 at the end of the input
    std::uint32_t width = 0;
  };
  Rune peek() const;
  std::int32_t take();
  bool accept(std::string_view set);
  void accept_run(std::string_view set);
  bool at_terminator() const;
  // {is there a right delimiter here, is it preceded by a trim marker}
  struct RightDelimiter {
    bool found = false;
    bool trims = false;
  };
  RightDelimiter at_right_delimiter() const;
  std::string_view rest(std::size_t skip = 0) const;

  std::string_view input_;
  std::string left_;
  std::string right_;
  bool break_is_name_;
  bool continue_is_name_;
  State state_ = State::text;
  std::uint32_t position_ = 0;
  std::uint32_t start_ = 0;
  std::uint32_t line_ = 1;        // at position_
  std::uint32_t start_line_ = 1;  // at start_
  int paren_depth_ = 0;
  std::string message_;
  Token last_;
};

}  // namespace longshore::tmpl
