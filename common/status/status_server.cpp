#include "common/status/status_server.h"

#include "common/net/host_guard.h"
#include "common/status/status_routes.h"

namespace longshore::status {

struct StatusServer::State {
  State(StatusContext context_in, Source source_in) : context(std::move(context_in)), source(std::move(source_in)) {}

  StatusContext context;
  Source source;
  std::unique_ptr<net::HttpServer> server;
};

namespace {

template <class State>
async::Awaitable<net::Response> answer(std::shared_ptr<State> state, net::Request request) {
  if (state == nullptr) {
    net::Response gone;
    gone.status = 503;
    co_return gone;
  }
  co_return answer_status(request, state->context, state->source);
}

net::ServerOptions small_server() {
  net::ServerOptions options;
  options.body_limit = 64 * 1024;
  options.max_connections = 64;
  return options;
}

}  // namespace

StatusServer::StatusServer(async::Executor executor, std::string component, Source source) {
  StatusContext context;
  context.component = std::move(component);
  state_ = std::make_shared<State>(std::move(context), std::move(source));
  // Weak: the server's handler must not keep the state that owns the server.
  auto handler = [weak = std::weak_ptr<State>(state_)](net::Request request, const net::Peer&) {
    return answer(weak.lock(), std::move(request));
  };
  state_->server = std::make_unique<net::HttpServer>(std::move(executor), std::move(handler), small_server());
}

StatusServer::~StatusServer() = default;

Status StatusServer::listen(const net::Endpoint& endpoint, async::TaskGroup& tasks) {
  LS_TRY_STATUS(state_->server->listen(endpoint, tasks));
  state_->context.host = local().host;
  state_->context.on_loopback = local().kind == net::Endpoint::Kind::tcp && net::is_loopback_host(local().host);
  return {};
}

const net::Endpoint& StatusServer::local() const {
  return state_->server->local();
}

void StatusServer::stop() {
  state_->server->stop();
}

}  // namespace longshore::status
