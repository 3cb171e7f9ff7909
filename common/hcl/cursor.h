// Walks over UTF-8 text character by character and knows line and column. CR LF counts and reads as one LF.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/hcl/node.h"

namespace longshore::hcl {

inline constexpr char32_t kEnd = 0xFFFFFFFF;  // what peek and next give after the last character

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  char32_t peek() const { return decode(offset_).rune; }
  // The character after the next one.
  char32_t peek_second() const;
  char32_t next();
  bool at_end() const { return offset_ >= text_.size(); }
  Position position() const { return position_; }
  std::size_t offset() const { return offset_; }
  std::string_view since(std::size_t offset) const { return text_.substr(offset, offset_ - offset); }
  std::string_view rest() const { return text_.substr(offset_); }

 private:
  struct Decoded {
    char32_t rune = kEnd;
    std::size_t width = 0;
  };
  Decoded decode(std::size_t offset) const;

  std::string_view text_;  // valid UTF-8: the reader has checked
  std::size_t offset_ = 0;
  Position position_{1, 1};
};

inline bool is_digit(char32_t rune) {
  return rune >= U'0' && rune <= U'9';
}

void append_utf8(std::string& out, char32_t rune);

}  // namespace longshore::hcl
