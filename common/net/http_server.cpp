#include "common/net/http_server.h"

#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <unordered_set>

#include "common/net/server_connection.h"

namespace longshore::net {
namespace asio = boost::asio;

struct HttpServer::State {
  ServerContext context;
  Endpoint local;
  std::function<void()> close_acceptor;
};

namespace {

template <class Acceptor>
async::Awaitable<void> accept_loop(std::shared_ptr<Acceptor> acceptor, ServerContext& context,
                                   std::shared_ptr<void> owner, async::TaskGroup& tasks) {
  for (;;) {
    boost::system::error_code error;
    auto socket = co_await accept_one(*acceptor, error);
    if (!acceptor->is_open()) co_return;
    if (error) {
      // Out of descriptors or memory: the waiting clients stay in the backlog.
      co_await async::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    if (context.open.size() >= context.options.max_connections) continue;
    tasks.spawn("http connection", serve_connection(std::move(socket), context, owner, tasks));
  }
}

}  // namespace

HttpServer::HttpServer(async::Executor executor, Handler handler, ServerOptions options)
    : state_(std::make_shared<State>()) {
  state_->context.executor = std::move(executor);
  state_->context.handler = std::move(handler);
  state_->context.options = options;
}

HttpServer::~HttpServer() {
  stop();
}

Status HttpServer::listen(const Endpoint& endpoint, async::TaskGroup& tasks) {
  const auto refused = [&](const boost::system::error_code& error) {
    return fail(Errc::io, "listen on " + to_string(endpoint) + ": " + error.message());
  };
  boost::system::error_code error;
  state_->local = endpoint;
  if (endpoint.kind == Endpoint::Kind::unix_socket) {
    using Protocol = asio::local::stream_protocol;
    auto acceptor = std::make_shared<Protocol::acceptor>(state_->context.executor);
    acceptor->open(Protocol(), error);
    if (!error) acceptor->bind(Protocol::endpoint(endpoint.path), error);
    if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) return refused(error);
    state_->close_acceptor = [acceptor, path = endpoint.path] {
      boost::system::error_code ignored;
      acceptor->close(ignored);
      ::unlink(path.c_str());
    };
    tasks.spawn("http accept", accept_loop(acceptor, state_->context, state_, tasks));
    return Status();
  }
  using tcp = asio::ip::tcp;
  const bool local_name = endpoint.host.empty() || endpoint.host == "localhost";
  const auto address = asio::ip::make_address(local_name ? "127.0.0.1" : endpoint.host, error);
  if (error) return fail(Errc::invalid_input, "listen on " + to_string(endpoint) + ": not an address");
  const tcp::endpoint where(address, endpoint.port);
  auto acceptor = std::make_shared<tcp::acceptor>(state_->context.executor);
  acceptor->open(where.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(where, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return refused(error);
  state_->local.host = address.to_string();
  state_->local.port = acceptor->local_endpoint().port();
  state_->close_acceptor = [acceptor] {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  };
  tasks.spawn("http accept", accept_loop(acceptor, state_->context, state_, tasks));
  return Status();
}

const Endpoint& HttpServer::local() const {
  return state_->local;
}

void HttpServer::stop() {
  if (state_->close_acceptor) std::exchange(state_->close_acceptor, nullptr)();
  state_->context.stopping = true;
  for (const auto& entry : state_->context.open)
    if (entry.second->idle) entry.second->close();
}

std::size_t HttpServer::connections() const {
  return state_->context.open.size();
}

}  // namespace longshore::net
