// HTTP/1.1 messages from bytes, without I/O. Framing is Beast's; limits and the shape of the result are ours.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "common/net/http_types.h"

namespace longshore::net {

class HttpParser {
 public:
  enum class Kind { request, response };
  struct Limits {
    std::size_t header = 64 * 1024;
    std::size_t body = std::size_t{512} << 20;
  };

  HttpParser(Kind kind, Limits limits);
  ~HttpParser();

  // The answer to a HEAD: no body follows whatever the headers say. Before the first feed.
  void expect_no_body();
  // Before the first feed.
  void set_sink(BodySink sink);
  // Takes the bytes of one message; the unused tail stays in `buffer`. protocol or limit errors are final.
  Status feed(std::string& buffer);
  // The connection ended: completes a body that runs to the end, else a protocol error.
  Status feed_end();

  bool head_done() const;
  bool done() const;
  bool keep_alive() const;
  bool started() const;         // any byte of the message was consumed
  bool body_too_large() const;  // the reason of a limit error

  Request& request();    // kind request
  Response& response();  // kind response
  // What arrived of the body since the last call.
  std::string take_body();

 private:
  class Base;
  template <bool is_request>
  class Impl;
  std::unique_ptr<Base> impl_;
};

// Header block and body; Content-Length is added unless the headers have it. protocol error on CR, LF or NUL in
// the method, the target or a header.
Result<std::string> serialize(const Request& request, std::string_view host);
std::string serialize(const Response& response, bool head_only, bool keep_alive);

}  // namespace longshore::net
