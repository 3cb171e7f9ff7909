// Incremental HTTP/1.1 request reader. Pure: bytes in, one request at a time out; bodies are counted, not kept.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace longshore::nano {

struct Request {
  std::string method;
  std::string target;  // as sent, query included
  bool keep_alive = true;
  bool expect_continue = false;
  std::uint64_t body_length = 0;  // bytes of body seen so far; final once the reader is complete
  bool operator==(const Request&) const = default;
};

class RequestReader {
 public:
  enum class State { head, body, complete, bad };

  // Consumes what belongs to the current request from the front of `input` and leaves the rest (pipelined requests).
  State advance(std::string& input);
  // Makes ready for the next request.
  void reset() { *this = RequestReader(); }

  State state() const { return state_; }
  // Valid from the end of the head on.
  const Request& request() const { return request_; }
  // The status to answer with in state bad: 400, 431, 501 or 505.
  int bad_status() const { return bad_status_; }

 private:
  // What of the body comes next.
  enum class Body { counted, chunk_size, chunk_data, chunk_end, trailer };

  State fail(int status);
  State read_head(std::string& input);
  bool read_header(std::string_view line);
  State read_body(std::string& input);
  bool read_chunk_line(std::string_view line);

  State state_ = State::head;
  Body body_ = Body::counted;
  Request request_;
  std::uint64_t left_ = 0;  // bytes of the body or of the current chunk still to come
  int bad_status_ = 0;
  bool has_length_ = false;
  bool chunked_ = false;
};

}  // namespace longshore::nano
