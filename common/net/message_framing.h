// Where HTTP/1.x messages begin and end in a byte stream that is passed on unchanged. Strict: what two readers could
// understand differently is an error, because the bytes go on to another reader. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/net/http_types.h"

namespace longshore::net {

// Start line and headers of one message.
struct MessageHead {
  std::string method;  // requests
  std::string target;  // requests
  int status = 0;      // responses
  int minor = 1;       // of HTTP/1.x
  Headers headers;

  // Connection and the version say that another message may follow.
  bool keep_alive() const;
  // A token of a comma list, without case: header_has("Connection", "upgrade").
  bool header_has(std::string_view name, std::string_view token) const;
};

inline constexpr std::size_t kHeadLimit = 64 * 1024;  // bytes

// The length of the head at the start of `bytes`, with its empty line; nothing: not all of it is there. Empty lines
// before a request are part of it. limit: longer than kHeadLimit.
Result<std::optional<std::size_t>> head_length(std::string_view bytes);
// `head` is exactly one head. protocol: bare CR or LF, folded lines, white space around names, control characters, two
// lengths, a length beside a transfer coding, a coding other than chunked.
Result<MessageHead> parse_request_head(std::string_view head);
Result<MessageHead> parse_response_head(std::string_view head);

// Takes the bytes behind a head.
class BodyFraming {
 public:
  // The body of a request with this head.
  static BodyFraming of_request(const MessageHead& head);
  // The body of a response to a request with that method; 1xx, 204, 304 and answers to HEAD have none. Without a length
  // it runs until the connection ends.
  static BodyFraming of_response(const MessageHead& head, std::string_view request_method);

  // How many of `bytes` belong to this body. protocol: a chunk that is none.
  Result<std::size_t> take(std::string_view bytes);
  bool done() const { return state_ == State::done; }
  bool until_end() const { return state_ == State::until_end; }

 private:
  enum class State { done, length, until_end, chunk_size, chunk_data, chunk_end, trailer };

  Status line_byte(char c);
  Status end_line();

  State state_ = State::done;
  std::uint64_t left_ = 0;  // bytes of the body or of this chunk
  std::string line_;        // of a chunk's size or a trailer, so far
};

}  // namespace longshore::net
