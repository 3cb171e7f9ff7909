#include "common/net/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstring>

#include "common/async/deadline.h"

namespace longshore::net {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kFramesAtOnce = 16 * 1024;
constexpr std::size_t kWriteSize = 64 * 1024;
constexpr std::size_t kHeaderLimit = 256 * 1024;  // of one answer
// What the server may send ahead: of one answer, and of all.
constexpr std::int32_t kStreamWindow = 256 * 1024;
constexpr std::int32_t kConnectionWindow = 4 * 1024 * 1024;
constexpr base::Duration kWriteLimit = std::chrono::seconds(30);

std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// Of the connection, not of a message: HTTP/2 forbids them.
bool is_hop_header(std::string_view name) {
  return name == "connection" || name == "keep-alive" || name == "transfer-encoding" || name == "upgrade" ||
         name == "host" || name == "proxy-connection" || name == "te";
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool fits_in_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

async::Awaitable<void> sleep_until(asio::steady_timer& timer, base::TimePoint until) {
  timer.expires_at(until);
  boost::system::error_code woken;
  auto token = asio::redirect_error(asio::use_awaitable, woken);
  co_await timer.async_wait(token);
}

}  // namespace

struct Http2Connection::Exchange {
  explicit Exchange(const async::Executor& executor) : timer(executor) {}

  std::string body;  // of the request
  std::size_t sent = 0;
  Response response;
  std::size_t header_bytes = 0;
  bool begun = false;   // the server has answered something
  bool headed = false;  // status and headers of the final answer are there
  bool done = false;
  bool refused = false;  // the server says that it has not looked at it
  std::optional<Error> error;
  base::TimePoint heard_at{};
  asio::steady_timer timer;
};

struct Http2Connection::Session {
  explicit Session(const async::Executor& executor) : writer(executor) {}
  ~Session() {
    if (raw != nullptr) nghttp2_session_del(raw);
  }
  nghttp2_session* raw = nullptr;
  asio::steady_timer writer;
};

struct Http2Connection::Callbacks {
  static Exchange* find(void* user, std::int32_t stream) {
    auto& exchanges = static_cast<Http2Connection*>(user)->exchanges_;
    const auto found = exchanges.find(stream);
    return found == exchanges.end() ? nullptr : found->second.get();
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    // Pushes were refused in the settings.
    if (frame->hd.type != NGHTTP2_HEADERS) return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (Exchange* exchange = find(user, frame->hd.stream_id)) exchange->begun = true;
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    Exchange* exchange = find(user, frame->hd.stream_id);
    // After the final headers there are only trailers.
    if (exchange == nullptr || exchange->headed) return 0;
    exchange->header_bytes += name_size + value_size;
    if (exchange->header_bytes > kHeaderLimit) {
      exchange->error = Error{Errc::limit, "the headers of the answer are too long"};
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    const std::string_view key = view(name, name_size);
    const std::string_view text = view(value, value_size);
    if (key == ":status") {
      exchange->response = Response();
      std::from_chars(text.data(), text.data() + text.size(), exchange->response.status);
    } else if (!key.starts_with(':')) {
      exchange->response.headers.add(key, std::string(text));
    }
    return 0;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto* self = static_cast<Http2Connection*>(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) self->leaving_ = true;
    Exchange* exchange = find(user, frame->hd.stream_id);
    if (exchange == nullptr) return 0;
    exchange->heard_at = self->heard_at_;
    if (frame->hd.type == NGHTTP2_HEADERS && exchange->response.status >= 200) exchange->headed = true;
    return 0;
  }

  static int data(nghttp2_session* session, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                  std::size_t size, void* user) {
    auto* self = static_cast<Http2Connection*>(user);
    Exchange* exchange = find(user, stream);
    if (exchange == nullptr) return 0;
    if (exchange->response.body.size() + size > self->body_limit_) {
      exchange->error = Error{Errc::limit, "the answer is longer than " + std::to_string(self->body_limit_) + " bytes"};
      return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
    }
    exchange->response.body.append(view(bytes, size));
    return 0;
  }

  static int closed(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user) {
    static_cast<Http2Connection*>(user)->finish(stream, code);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    auto& exchange = *static_cast<Exchange*>(source->ptr);
    const std::size_t count = std::min(size, exchange.body.size() - exchange.sent);
    std::memcpy(into, exchange.body.data() + exchange.sent, count);
    exchange.sent += count;
    if (exchange.sent == exchange.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

Http2Connection::Http2Connection(async::Executor executor, std::unique_ptr<Stream> stream, std::size_t body_limit)
    : executor_(executor),
      stream_(std::move(stream)),
      body_limit_(body_limit),
      session_(std::make_unique<Session>(executor)),
      heard_at_(async::now()) {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::closed);
  const int made = nghttp2_session_client_new(&session_->raw, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) throw std::bad_alloc();
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(kStreamWindow)}};
  nghttp2_submit_settings(session_->raw, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_->raw, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Connection::~Http2Connection() = default;

std::shared_ptr<Http2Connection> Http2Connection::start(async::TaskGroup& tasks, std::unique_ptr<Stream> stream,
                                                        std::size_t body_limit) {
  std::shared_ptr<Http2Connection> made(new Http2Connection(tasks.executor(), std::move(stream), body_limit));
  tasks.spawn("http2 reader", read_all(made));
  tasks.spawn("http2 writer", write_all(made));
  return made;
}

bool Http2Connection::open() const {
  return !closed_ && !leaving_ && nghttp2_session_check_request_allowed(session_->raw) != 0;
}

std::size_t Http2Connection::limit() const {
  const std::size_t told = nghttp2_session_get_remote_settings(session_->raw, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  // Before the server's settings have come nothing is known; then the library sends so many.
  constexpr std::size_t kUnknown = 100;
  if (told > (std::size_t{1} << 31)) return kUnknown;
  return std::clamp<std::size_t>(told, 1, kMostStreams);
}

void Http2Connection::write_soon() {
  session_->writer.cancel();
}

// What is under way is not answered any more.
void Http2Connection::close(const Error& why) {
  if (closed_) return;
  closed_ = true;
  stream_->close();
  write_soon();
  for (auto& [stream, exchange] : std::exchange(exchanges_, {})) {
    if (!exchange->error) exchange->error = why;
    exchange->done = true;
    exchange->timer.cancel();
  }
}

void Http2Connection::reset(std::int32_t stream) {
  if (closed_) return;
  nghttp2_submit_rst_stream(session_->raw, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
  write_soon();
}

void Http2Connection::finish(std::int32_t stream, std::uint32_t code) {
  const auto found = exchanges_.find(stream);
  if (found == exchanges_.end()) return;
  const std::shared_ptr<Exchange> exchange = std::move(found->second);
  exchanges_.erase(found);
  exchange->done = true;
  exchange->refused = code == NGHTTP2_REFUSED_STREAM;
  if (!exchange->error) {
    if (code != NGHTTP2_NO_ERROR)
      exchange->error =
          Error{Errc::unreachable, std::string("the server ended the stream: ") + nghttp2_http2_strerror(code)};
    else if (!exchange->headed)
      exchange->error = Error{Errc::protocol, "the server ended the stream without an answer"};
  }
  exchange->timer.cancel();
}

async::Awaitable<void> Http2Connection::read_all(std::shared_ptr<Http2Connection> self) {
  std::vector<char> buffer(kFramesAtOnce);
  while (!self->closed_) {
    const Result<std::size_t> count = co_await self->stream_->read_some(buffer);
    if (!count || *count == 0) {
      Error why = count ? Error(Errc::unreachable, "the server closed the connection") : count.error();
      self->close(why);
      co_return;
    }
    if (self->closed_) co_return;
    self->heard_at_ = async::now();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer.data());
    const ssize_t taken = nghttp2_session_mem_recv(self->session_->raw, bytes, *count);
    if (taken < 0) {
      Error why(Errc::protocol, std::string("HTTP/2: ") + nghttp2_strerror(static_cast<int>(taken)));
      self->close(why);
      co_return;
    }
    self->write_soon();
  }
}

async::Awaitable<void> Http2Connection::write_all(std::shared_ptr<Http2Connection> self) {
  Stream& stream = *self->stream_;
  std::string bytes;
  while (!self->closed_) {
    bytes.clear();
    ssize_t count = 0;
    while (bytes.size() < kWriteSize) {
      const std::uint8_t* piece = nullptr;
      count = nghttp2_session_mem_send(self->session_->raw, &piece);
      if (count <= 0) break;
      bytes.append(view(piece, static_cast<std::size_t>(count)));
    }
    if (count < 0) {
      Error why(Errc::protocol, std::string("HTTP/2: ") + nghttp2_strerror(static_cast<int>(count)));
      self->close(why);
      co_return;
    }
    if (!bytes.empty()) {
      async::Deadline deadline(self->executor_, kWriteLimit, [&stream] { stream.close(); });
      const Status sent = co_await stream.write_all(bytes);
      if (!sent) {
        self->close(sent.error());
        co_return;
      }
      continue;
    }
    const bool over = nghttp2_session_want_read(self->session_->raw) == 0;
    if (over) {
      Error why(Errc::unreachable, "the server closed the connection");
      self->close(why);
      co_return;
    }
    co_await sleep_until(self->session_->writer, base::TimePoint::max());
  }
}

async::Awaitable<Http2Connection::Outcome> Http2Connection::round_trip(Request request, std::string authority,
                                                                       PhaseTimeouts limits) {
  const std::shared_ptr<Http2Connection> self = shared_from_this();
  Outcome out{fail(Errc::unreachable, "the connection is closed"), true};
  if (!open()) co_return std::move(out);
  const auto exchange = std::make_shared<Exchange>(executor_);
  exchange->body = std::move(request.body);
  const bool with_length = !exchange->body.empty() || (request.method != "GET" && request.method != "HEAD");
  const std::string length = std::to_string(exchange->body.size());
  std::vector<std::string> names;
  names.reserve(request.headers.all().size());
  std::vector<nghttp2_nv> fields = {field(":method", request.method), field(":scheme", "https"),
                                    field(":authority", authority), field(":path", request.target)};
  for (const Header& header : request.headers.all()) {
    names.push_back(lower(header.name));
    if (is_hop_header(names.back())) continue;
    if (!fits_in_line(header.name) || !fits_in_line(header.value)) {
      out.response = fail(Errc::invalid_input, "HTTP: header " + header.name + " has a forbidden character");
      out.repeatable = false;
      co_return std::move(out);
    }
    fields.push_back(field(names.back(), header.value));
    // Never in the compression's table: it is a secret.
    if (names.back() == "x-consul-token" || names.back() == "authorization")
      fields.back().flags = NGHTTP2_NV_FLAG_NO_INDEX;
  }
  if (with_length) fields.push_back(field("content-length", length));
  nghttp2_data_provider body;
  body.source.ptr = exchange.get();
  body.read_callback = Callbacks::read_body;
  const std::int32_t stream = nghttp2_submit_request(session_->raw, nullptr, fields.data(), fields.size(),
                                                     exchange->body.empty() ? nullptr : &body, nullptr);
  if (stream < 0) {
    // Stream numbers are used up: the next connection begins anew.
    leaving_ = true;
    co_return std::move(out);
  }
  exchanges_.emplace(stream, exchange);
  write_soon();
  // Thousands of these may wait: they keep only what they need.
  fields = {};
  names = {};
  request = Request();

  // Left by cancellation too.
  struct Ending {
    ~Ending() {
      --connection.waiting_;
      if (!exchange.done) connection.reset(stream);
    }
    Http2Connection& connection;
    Exchange& exchange;
    std::int32_t stream;
  };
  const Ending ending{*this, *exchange, stream};
  ++waiting_;
  const base::TimePoint began = async::now();
  exchange->heard_at = began;
  while (!exchange->done) {
    const base::Duration limit = exchange->headed ? limits.body_idle : limits.first_byte;
    const base::TimePoint until = exchange->heard_at + limit;
    if (async::now() >= until) {
      Error late(Errc::timeout, std::string(exchange->headed ? "the rest of the answer" : "the answer") +
                                    " took longer than " + base::format_duration(limit));
      if (heard_at_ <= began) close(late);
      out.response = fail(std::move(late));
      out.repeatable = false;
      co_return std::move(out);
    }
    co_await sleep_until(exchange->timer, until);
  }
  out.repeatable = exchange->refused || !exchange->begun;
  if (exchange->error)
    out.response = fail(*exchange->error);
  else
    out.response = std::move(exchange->response);
  co_return std::move(out);
}

}  // namespace longshore::net
