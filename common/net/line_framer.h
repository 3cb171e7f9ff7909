// Cuts a stream of bytes into lines, with a bound: an endless line is dropped to its end and counted, not stored.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace longshore::net {

class LineFramer {
 public:
  // longest: bytes of one line without its newline.
  explicit LineFramer(std::size_t longest) : longest_(longest) {}

  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next complete line, without "\n" or "\r\n".
  std::optional<std::string> next();
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t longest_;
  std::string buffer_;
  std::size_t scanned_ = 0;  // bytes of buffer_ known to hold no newline
  bool dropping_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace longshore::net
