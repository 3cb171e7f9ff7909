#include "common/net/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace longshore::net {
namespace http = boost::beast::http;

class HttpParser::Base {
 public:
  virtual ~Base() = default;
  virtual Status feed(std::string& buffer) = 0;
  virtual Status feed_end() = 0;
  virtual void expect_no_body() = 0;
  virtual bool head_done() const = 0;
  virtual bool done() const = 0;
  virtual bool keep_alive() const = 0;

  Request request;
  Response response;
  std::string body;
  BodySink sink = {};
  bool started = false;
  bool body_too_large = false;
};

namespace {

Error parse_error(const boost::system::error_code& error) {
  const bool limit = error == http::error::header_limit || error == http::error::body_limit;
  return Error{limit ? Errc::limit : Errc::protocol, "HTTP: " + error.message()};
}

std::string text(boost::beast::string_view view) {
  return std::string(view.data(), view.size());
}

}  // namespace

template <bool is_request>
class HttpParser::Impl final : public HttpParser::Base, private http::basic_parser<is_request> {
  using Parser = http::basic_parser<is_request>;
  using Code = boost::system::error_code;

 public:
  explicit Impl(Limits limits) {
    Parser::header_limit(static_cast<std::uint32_t>(limits.header));
    Parser::body_limit(limits.body);
    Parser::eager(true);
  }

  Status feed(std::string& buffer) override {
    std::size_t used = 0;
    while (used < buffer.size() && !Parser::is_done()) {
      Code error;
      const std::size_t count = Parser::put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), error);
      started = started || count != 0;
      used += count;
      if (error == http::error::need_more) break;
      body_too_large = error == http::error::body_limit;
      if (error) return fail(parse_error(error));
    }
    buffer.erase(0, used);
    return Status();
  }

  Status feed_end() override {
    if (Parser::is_done()) return Status();
    Code error;
    if (Parser::is_header_done())
      Parser::put_eof(error);
    else
      error = http::error::partial_message;
    if (error) return fail(parse_error(error));
    return Status();
  }

  void expect_no_body() override { Parser::skip(true); }
  bool head_done() const override { return Parser::is_header_done(); }
  bool done() const override { return Parser::is_done(); }
  bool keep_alive() const override { return Parser::keep_alive(); }

 private:
  void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int,
                       Code&) override {
    request.method = text(method);
    request.target = text(target);
  }
  void on_response_impl(int code, boost::beast::string_view reason, int, Code&) override {
    response.status = code;
    response.reason = text(reason);
  }
  void on_field_impl(http::field, boost::beast::string_view name, boost::beast::string_view value, Code&) override {
    Headers& headers = is_request ? request.headers : response.headers;
    headers.add(std::string_view(name.data(), name.size()), text(value));
  }
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(boost::beast::string_view piece, Code&) override {
    take(piece);
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view piece, Code&) override {
    take(piece);
    return piece.size();
  }
  void on_finish_impl(Code&) override {}
  void take(boost::beast::string_view piece) {
    if (sink && response.status == 200)
      sink(std::string_view(piece.data(), piece.size()));
    else
      body.append(piece.data(), piece.size());
  }
};

HttpParser::HttpParser(Kind kind, Limits limits) {
  if (kind == Kind::request)
    impl_ = std::make_unique<Impl<true>>(limits);
  else
    impl_ = std::make_unique<Impl<false>>(limits);
}

HttpParser::~HttpParser() = default;

void HttpParser::set_sink(BodySink sink) {
  impl_->sink = std::move(sink);
}
void HttpParser::expect_no_body() {
  impl_->expect_no_body();
}
Status HttpParser::feed(std::string& buffer) {
  return impl_->feed(buffer);
}
Status HttpParser::feed_end() {
  return impl_->feed_end();
}
bool HttpParser::head_done() const {
  return impl_->head_done();
}
bool HttpParser::done() const {
  return impl_->done();
}
bool HttpParser::keep_alive() const {
  return impl_->keep_alive();
}
bool HttpParser::started() const {
  return impl_->started;
}
bool HttpParser::body_too_large() const {
  return impl_->body_too_large;
}
Request& HttpParser::request() {
  return impl_->request;
}
Response& HttpParser::response() {
  return impl_->response;
}
std::string HttpParser::take_body() {
  return std::exchange(impl_->body, std::string());
}

}  // namespace longshore::net
