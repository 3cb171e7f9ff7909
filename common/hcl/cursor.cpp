#include "common/hcl/cursor.h"

namespace longshore::hcl {

Cursor::Decoded Cursor::decode(std::size_t offset) const {
  if (offset >= text_.size()) return {};
  const auto byte = [&](std::size_t index) -> char32_t {
    return index < text_.size() ? static_cast<unsigned char>(text_[index]) : 0u;
  };
  const char32_t lead = byte(offset);
  if (lead == '\r' && byte(offset + 1) == '\n') return {U'\n', 2};
  if (lead < 0x80) return {lead, 1};
  const auto tail = [&](std::size_t index) { return byte(offset + index) & 0x3F; };
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | tail(1), 2};
  if (lead < 0xF0) return {(lead & 0x0F) << 12 | tail(1) << 6 | tail(2), 3};
  return {(lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4};
}

char32_t Cursor::peek_second() const {
  const Decoded first = decode(offset_);
  return first.width == 0 ? kEnd : decode(offset_ + first.width).rune;
}

char32_t Cursor::next() {
  const Decoded found = decode(offset_);
  offset_ += found.width;
  if (found.rune == U'\n') {
    ++position_.line;
    position_.column = 1;
  } else if (found.width > 0) {
    ++position_.column;
  }
  return found.rune;
}

void append_utf8(std::string& out, char32_t rune) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000)) rune = 0xFFFD;
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xC0 | rune >> 6);
    put(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    put(0xE0 | rune >> 12);
    put(0x80 | (rune >> 6 & 0x3F));
    put(0x80 | (rune & 0x3F));
  } else {
    put(0xF0 | rune >> 18);
    put(0x80 | (rune >> 12 & 0x3F));
    put(0x80 | (rune >> 6 & 0x3F));
    put(0x80 | (rune & 0x3F));
  }
}

}  // namespace longshore::hcl
