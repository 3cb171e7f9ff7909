#include "common/net/server_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/async/deadline.h"
#include "common/base/text.h"
#include "common/net/http_parser.h"
#include "common/net/socket.h"

namespace longshore::net {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kRequestBytesAtOnce = 16 * 1024;

// What the connection's task and the handler's task share.
struct Pending {
  explicit Pending(const async::Executor& executor) : wake(executor) { wake.expires_at(base::TimePoint::max()); }
  std::optional<Response> response;
  bool ended = false;
  bool client_gone = false;
  asio::steady_timer wake;
};

// Tells the connection's task when the handler has ended, however it ended.
class EndGuard {
 public:
  explicit EndGuard(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {}
  ~EndGuard() {
    pending_->ended = true;
    pending_->wake.cancel();
  }
  EndGuard(const EndGuard&) = delete;
  EndGuard& operator=(const EndGuard&) = delete;

 private:
  std::shared_ptr<Pending> pending_;
};

// The unnamed parameters live in the coroutine's frame and end with it.
async::Awaitable<void> run_handler(ServerContext& context, std::shared_ptr<void>, Request request, Peer peer,
                                   std::shared_ptr<EndGuard>, std::shared_ptr<Pending> pending) {
  Response response = co_await context.handler(std::move(request), std::move(peer));
  pending->response = std::move(response);
}

Peer peer_of(const asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return Peer{"unknown", false};
  return Peer{remote.address().to_string(), remote.address().is_loopback()};
}

Peer peer_of(const asio::local::stream_protocol::socket&) {
  return Peer{"unix", true};
}

template <class Socket>
class Connection {
 public:
  Connection(Socket socket, ServerContext& context, std::shared_ptr<void> owner, async::TaskGroup& tasks)
      : socket_(std::make_shared<Socket>(std::move(socket))),
        context_(context),
        owner_(std::move(owner)),
        tasks_(tasks),
        id_(context.next_id++) {
    state_.close = [socket_copy = socket_] {
      boost::system::error_code ignored;
      socket_copy->close(ignored);
    };
    context_.open.emplace(id_, &state_);
  }
  ~Connection() {
    context_.open.erase(id_);
    state_.close();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  async::Awaitable<void> run() {
    const Peer peer = peer_of(*socket_);
    for (;;) {
      state_.idle = buffer_.empty();
      HttpParser::Limits limits;
      limits.header = context_.options.header_limit;
      limits.body = context_.options.body_limit;
      HttpParser parser(HttpParser::Kind::request, limits);
      Status read = co_await read_request(parser);
      if (!read && read.error().code == Errc::unreachable) co_return;
      if (!read) {
        Response refusal;
        refusal.status = read.error().code == Errc::limit ? (parser.body_too_large() ? 413 : 431) : 400;
        refusal.body = read.error().text + "\n";
        co_await send(serialize(refusal, false, false));
        co_return;
      }
      Request request = std::move(parser.request());
      request.body = parser.take_body();
      const bool head = request.method == "HEAD";
      std::optional<Response> response = co_await answer(std::move(request), peer);
      if (!response) co_return;
      const bool keep = parser.keep_alive() && !context_.stopping;
      const bool sent = co_await send(serialize(*response, head, keep));
      if (!sent || !keep) co_return;
    }
  }

 private:
  // unreachable: the connection ended or was idle for too long.
  async::Awaitable<Status> read_request(HttpParser& parser) {
    auto close = state_.close;
    async::Deadline deadline(context_.executor,
                             buffer_.empty() ? context_.options.idle_timeout : context_.options.header_timeout, close);
    bool continued = false;
    bool timed = !buffer_.empty();
    for (;;) {
      Status fed = parser.feed(buffer_);
      if (!fed) co_return fed;
      if (parser.done()) co_return Status();
      if (parser.head_done() && !continued) {
        continued = true;
        const auto expect = parser.request().headers.get("Expect");
        if (expect && base::equal_ignore_case_ascii(*expect, "100-continue"))
          co_await send("HTTP/1.1 100 Continue\r\n\r\n");
      }
      const std::size_t before = buffer_.size();
      buffer_.resize(before + kRequestBytesAtOnce);
      boost::system::error_code error;
      auto token = asio::redirect_error(asio::use_awaitable, error);
      const auto space = asio::buffer(buffer_.data() + before, kRequestBytesAtOnce);
      const std::size_t count = co_await socket_->async_read_some(space, token);
      buffer_.resize(before + count);
      if (error) co_return fail(Errc::unreachable, error.message());
      state_.idle = false;
      if (!timed) deadline.restart(context_.options.header_timeout);
      timed = true;
    }
  }

  async::Awaitable<bool> send(std::string bytes) {
    auto close = state_.close;
    async::Deadline deadline(context_.executor, context_.options.idle_timeout, close);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(*socket_, asio::buffer(bytes), token);
    co_return !error;
  }

  // Nothing when the client went away or the server is cancelled.
  async::Awaitable<std::optional<Response>> answer(Request request, Peer peer) {
    auto pending = std::make_shared<Pending>(context_.executor);
    auto guard = std::make_shared<EndGuard>(pending);
    const async::TaskGroup::TaskId task = tasks_.spawn(
        "http request", run_handler(context_, owner_, std::move(request), std::move(peer), std::move(guard), pending));
    watch_for_close(pending);
    while (!pending->ended && !pending->client_gone) {
      boost::system::error_code woken;
      auto token = asio::redirect_error(asio::use_awaitable, woken);
      co_await pending->wake.async_wait(token);
    }
    boost::system::error_code ignored;
    socket_->cancel(ignored);
    if (pending->client_gone) tasks_.cancel(task);
    co_return std::move(pending->response);
  }

  // A long poll whose client is gone must not hold its place until the poll ends.
  void watch_for_close(std::shared_ptr<Pending> pending) {
    socket_->async_wait(Socket::wait_read, [socket = socket_, pending](boost::system::error_code error) {
      if (error || pending->ended || !socket->is_open()) return;
      if (socket_quiet(socket->native_handle(), true)) return;
      pending->client_gone = true;
      pending->wake.cancel();
    });
  }

  std::shared_ptr<Socket> socket_;
  ServerContext& context_;
  std::shared_ptr<void> owner_;
  async::TaskGroup& tasks_;
  std::uint64_t id_;
  OpenConnection state_;
  std::string buffer_;
};

template <class Socket>
async::Awaitable<void> serve(Socket socket, ServerContext& context, std::shared_ptr<void> owner,
                             async::TaskGroup& tasks) {
  Connection<Socket> connection(std::move(socket), context, std::move(owner), tasks);
  co_await connection.run();
}

template <class Socket, class Acceptor>
async::Awaitable<Socket> accept_from(Acceptor& acceptor, boost::system::error_code& error) {
  auto token = asio::redirect_error(asio::use_awaitable, error);
  Socket socket = co_await acceptor.async_accept(token);
  co_return std::move(socket);
}

}  // namespace

async::Awaitable<asio::ip::tcp::socket> accept_one(asio::ip::tcp::acceptor& acceptor,
                                                   boost::system::error_code& error) {
  return accept_from<asio::ip::tcp::socket>(acceptor, error);
}

async::Awaitable<asio::local::stream_protocol::socket> accept_one(asio::local::stream_protocol::acceptor& acceptor,
                                                                  boost::system::error_code& error) {
  return accept_from<asio::local::stream_protocol::socket>(acceptor, error);
}

async::Awaitable<void> serve_connection(asio::ip::tcp::socket socket, ServerContext& context,
                                        std::shared_ptr<void> owner, async::TaskGroup& tasks) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  return serve(std::move(socket), context, std::move(owner), tasks);
}

async::Awaitable<void> serve_connection(asio::local::stream_protocol::socket socket, ServerContext& context,
                                        std::shared_ptr<void> owner, async::TaskGroup& tasks) {
  return serve(std::move(socket), context, std::move(owner), tasks);
}

}  // namespace longshore::net
