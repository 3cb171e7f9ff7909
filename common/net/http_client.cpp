#include "common/net/http_client.h"

#include <algorithm>
#include <vector>

#include "common/async/deadline.h"
#include "common/async/slots.h"
#include "common/net/http2_pool.h"
#include "common/net/http_parser.h"
#include "common/net/stream.h"

namespace longshore::net {
namespace {

struct Connection {
  std::unique_ptr<Stream> stream;
  std::string buffer;  // read but not yet consumed
  base::TimePoint idle_since{};
  bool reused = false;
};

// A parked query holds room for its head; whatever fills it is read in larger pieces.
constexpr std::size_t kFirstRead = 4 * 1024;
constexpr std::size_t kReadSize = 64 * 1024;

// One exchange under way: its connection and what has been parsed of the answer.
struct Exchange {
  Connection connection;
  std::unique_ptr<HttpParser> parser;
  std::size_t read_size = kFirstRead;
};

Error too_slow(std::string_view phase, base::Duration limit) {
  return Error{Errc::timeout, std::string(phase) + " took longer than " + base::format_duration(limit)};
}

// One read into the connection's buffer, then the parser. True: the regular end of the connection.
async::Awaitable<Result<bool>> read_more(Exchange& exchange) {
  std::string& buffer = exchange.connection.buffer;
  const std::size_t before = buffer.size();
  buffer.resize(before + exchange.read_size);
  const std::span<char> space(buffer.data() + before, exchange.read_size);
  Result<std::size_t> count = co_await exchange.connection.stream->read_some(space);
  buffer.resize(before + count.value_or(0));
  if (!count) co_return fail(std::move(count).error());
  if (*count == exchange.read_size) exchange.read_size = kReadSize;
  co_return *count == 0;
}

// Reads until the head is there, or with `whole` the body too; `limit` is for each wait of the body, else for all.
async::Awaitable<Status> read_until(async::Executor executor, Exchange& exchange, bool whole, base::Duration limit) {
  Stream& stream = *exchange.connection.stream;
  async::Deadline deadline(executor, limit, [&stream] { stream.close(); });
  for (;;) {
    Status fed = exchange.parser->feed(exchange.connection.buffer);
    if (!fed) co_return fail(std::move(fed).error());
    if (whole ? exchange.parser->done() : exchange.parser->head_done()) co_return Status();
    Result<bool> ended = co_await read_more(exchange);
    if (deadline.expired()) co_return fail(too_slow(whole ? "the rest of the answer" : "the answer", limit));
    if (!ended) co_return fail(std::move(ended).error());
    if (*ended && !exchange.parser->head_done())
      co_return fail(Errc::unreachable, "the server closed the connection without an answer");
    if (*ended) co_return exchange.parser->feed_end();
    if (whole) deadline.restart(limit);
  }
}

}  // namespace

struct HttpClient::State {
  async::Executor executor;
  Endpoint endpoint;
  TlsSettings tls;
  ClientOptions options;
  std::shared_ptr<TlsContext> context;
  std::vector<Connection> idle;
  std::size_t in_use = 0;
  std::uint64_t opened = 0;
  std::uint64_t requests = 0;
  std::unique_ptr<async::Slots> line;  // none: unbounded
  std::unique_ptr<Http2Pool> http2;    // none: the server does not speak it, or it is not wanted

  bool take_idle(Connection& into) {
    while (!idle.empty()) {
      into = std::move(idle.back());
      idle.pop_back();
      into.reused = true;
      const bool young = async::now() - into.idle_since < options.idle_limit;
      if (young && into.buffer.empty() && into.stream->quiet()) return true;
    }
    return false;
  }

  void give_back(Connection connection) {
    const base::TimePoint now = async::now();
    std::erase_if(idle, [&](const Connection& old) { return now - old.idle_since >= options.idle_limit; });
    if (idle.size() >= options.max_idle) return;
    connection.idle_since = now;
    connection.buffer.shrink_to_fit();
    idle.push_back(std::move(connection));
  }

  async::Awaitable<Status> connect(Connection& into, PhaseTimeouts limits, bool offer_http2) {
    if (endpoint.tls && context == nullptr) {
      auto made = make_tls_context(tls);
      if (!made) co_return fail(std::move(made).error());
      context = std::move(*made);
    }
    auto stream = co_await connect_stream(endpoint, context, tls, limits, offer_http2);
    if (!stream) co_return fail(std::move(stream).error());
    ++opened;
    into.stream = std::move(*stream);
    into.buffer.clear();
    into.reused = false;
    co_return Status();
  }

  async::Awaitable<Status> send(Exchange& exchange, const std::string& bytes, base::Duration limit) {
    Stream& stream = *exchange.connection.stream;
    async::Deadline deadline(executor, limit, [&stream] { stream.close(); });
    Status sent = co_await stream.write_all(bytes);
    if (deadline.expired()) co_return fail(too_slow("sending the request", limit));
    co_return sent;
  }

  // Sends and waits for the head of the final answer; 1xx answers are passed over.
  async::Awaitable<Status> exchange_head(Exchange& exchange, const std::string& bytes, bool no_body,
                                         PhaseTimeouts limits, BodySink sink) {
    Status sent = co_await send(exchange, bytes, limits.send);
    if (!sent) co_return sent;
    HttpParser::Limits parser_limits;
    parser_limits.body = options.body_limit;
    for (;;) {
      exchange.parser = std::make_unique<HttpParser>(HttpParser::Kind::response, parser_limits);
      if (no_body) exchange.parser->expect_no_body();
      exchange.parser->set_sink(sink);
      Status read = co_await read_until(executor, exchange, false, limits.first_byte);
      if (!read) co_return read;
      const int status = exchange.parser->response().status;
      if (status >= 200 || status == 101) co_return Status();
    }
  }

  struct Picked {
    std::shared_ptr<Http2Connection> connection;  // null: the server does not speak HTTP/2
    bool fresh = false;
  };
  async::Awaitable<Result<Picked>> pick_http2(PhaseTimeouts limits) {
    Picked picked;
    picked.connection = http2->pick();
    if (picked.connection) co_return picked;
    // One opens, the others wait for it.
    const async::Slots::Slot turn = co_await http2->opening().acquire();
    if (!http2->usable()) co_return picked;
    picked.connection = http2->pick();
    if (picked.connection) co_return picked;
    Connection connection;
    Status connected = co_await connect(connection, limits, true);
    if (!connected) co_return fail(std::move(connected).error());
    if (!connection.stream->http2()) {
      http2->give_up();
      give_back(std::move(connection));
      co_return picked;
    }
    picked.connection = http2->add(std::move(connection.stream));
    picked.fresh = true;
    co_return picked;
  }

  // Nothing: to be tried with HTTP/1.1.
  async::Awaitable<Result<std::optional<Response>>> round_trip_http2(Request request, PhaseTimeouts limits) {
    const bool repeatable = request.method == "GET" || request.method == "HEAD";
    request.target.insert(0, endpoint.base_path);
    const std::string authority = host_header(endpoint);
    for (;;) {
      const Result<Picked> picked = co_await pick_http2(limits);
      if (!picked) co_return fail(picked.error());
      if (!picked->connection) co_return std::optional<Response>();
      Http2Connection::Outcome outcome = co_await picked->connection->round_trip(request, authority, limits);
      if (outcome.response) co_return std::optional<Response>(std::move(*outcome.response));
      const bool again = outcome.repeatable && outcome.response.error().code == Errc::unreachable;
      if (!again || picked->fresh || !repeatable) co_return fail(outcome.response.error().with(to_string(endpoint)));
    }
  }

  async::Awaitable<Result<Exchange>> start(Request request, PhaseTimeouts limits, BodySink sink) {
    request.target.insert(0, endpoint.base_path);
    Result<std::string> bytes = serialize(request, host_header(endpoint));
    if (!bytes) co_return fail(std::move(bytes).error());
    const bool no_body = request.method == "HEAD";
    const bool repeatable = no_body || request.method == "GET";
    for (bool fresh = false;; fresh = true) {
      Exchange exchange;
      if (fresh || !take_idle(exchange.connection)) {
        Status connected = co_await connect(exchange.connection, limits, false);
        if (!connected) co_return fail(std::move(connected).error());
      }
      Status done = co_await exchange_head(exchange, *bytes, no_body, limits, sink);
      if (done) co_return std::move(exchange);
      const bool untouched = exchange.parser == nullptr || !exchange.parser->started();
      const bool stale = exchange.connection.reused && untouched && done.error().code == Errc::unreachable;
      if (!stale || !repeatable) co_return fail(done.error().with(to_string(endpoint)));
    }
  }
};

namespace {

class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& count_;
};

// Owns its exchange; what is left of it goes with the connection.
class ExchangeBody final : public BodyStream {
 public:
  ExchangeBody(async::Executor executor, Exchange exchange, std::shared_ptr<void> owner, std::size_t& in_use)
      : executor_(std::move(executor)), exchange_(std::move(exchange)), owner_(std::move(owner)), counted_(in_use) {}

  const Response& head() const override { return exchange_.parser->response(); }

  async::Awaitable<Result<std::string>> read(base::Duration idle) override {
    Stream& stream = *exchange_.connection.stream;
    async::Deadline deadline(executor_, idle, [&stream] { stream.close(); });
    for (;;) {
      Status fed = exchange_.parser->feed(exchange_.connection.buffer);
      if (!fed) co_return fail(std::move(fed).error());
      std::string piece = exchange_.parser->take_body();
      if (!piece.empty() || exchange_.parser->done()) co_return piece;
      Result<bool> ended = co_await read_more(exchange_);
      if (deadline.expired()) co_return fail(too_slow("the next part of the answer", idle));
      if (!ended) co_return fail(std::move(ended).error());
      if (!*ended) continue;
      Status end = exchange_.parser->feed_end();
      if (!end) co_return fail(Errc::unreachable, "the connection ended in the middle of the answer");
      co_return exchange_.parser->take_body();
    }
  }

 private:
  async::Executor executor_;
  Exchange exchange_;
  std::shared_ptr<void> owner_;  // keeps the counter alive
  Counted counted_;
};

}  // namespace

HttpClient::HttpClient(async::Executor executor, Endpoint endpoint, TlsSettings tls, ClientOptions options)
    : state_(std::make_shared<State>()) {
  state_->executor = std::move(executor);
  state_->endpoint = std::move(endpoint);
  state_->tls = std::move(tls);
  state_->options = options;
  if (options.http2 && state_->endpoint.tls)
    state_->http2 = std::make_unique<Http2Pool>(state_->executor, options.max_in_use, options.body_limit);
  if (options.max_in_use != 0) state_->line = std::make_unique<async::Slots>(state_->executor, options.max_in_use);
}

HttpClient::~HttpClient() = default;

async::Awaitable<Result<Response>> HttpClient::round_trip(Request request, PhaseTimeouts limits, BodySink sink) {
  const std::shared_ptr<State> state = state_;
  if (state->http2 && state->http2->usable()) {
    ++state->requests;
    Result<std::optional<Response>> done = co_await state->round_trip_http2(request, limits);
    if (!done) co_return fail(std::move(done).error());
    if (*done) {
      if (sink && (**done).status == 200) sink(std::exchange((**done).body, std::string()));
      co_return std::move(**done);
    }
    --state->requests;
  }
  async::Slots::Slot place;
  if (state->line) place = co_await state->line->acquire();
  const Counted counted(state->in_use);
  ++state->requests;
  Result<Exchange> exchange = co_await state->start(std::move(request), limits, std::move(sink));
  if (!exchange) co_return fail(std::move(exchange).error());
  Status whole = co_await read_until(state->executor, *exchange, true, limits.body_idle);
  if (!whole) co_return fail(whole.error().with(to_string(state->endpoint)));
  Response response = std::move(exchange->parser->response());
  response.body = exchange->parser->take_body();
  if (exchange->parser->keep_alive()) state->give_back(std::move(exchange->connection));
  co_return std::move(response);
}

async::Awaitable<Result<std::unique_ptr<BodyStream>>> HttpClient::open(Request request, PhaseTimeouts limits) {
  const std::shared_ptr<State> state = state_;
  BodySink none;
  Result<Exchange> exchange = co_await state->start(std::move(request), limits, std::move(none));
  if (!exchange) co_return fail(std::move(exchange).error());
  co_return std::make_unique<ExchangeBody>(state->executor, std::move(*exchange), state, state->in_use);
}

void HttpClient::close_idle() {
  state_->idle.clear();
  if (state_->http2) state_->http2->close_idle();
}
const Endpoint& HttpClient::endpoint() const {
  return state_->endpoint;
}
std::size_t HttpClient::connections() const {
  return state_->in_use + state_->idle.size() + (state_->http2 ? state_->http2->connections() : 0);
}
std::size_t HttpClient::streams_per_connection() const {
  return state_->http2 ? state_->http2->streams_per_connection() : 1;
}
std::uint64_t HttpClient::requests() const {
  return state_->requests;
}
std::uint64_t HttpClient::connections_opened() const {
  return state_->opened;
}

}  // namespace longshore::net
