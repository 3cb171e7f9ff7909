// One client of the HttpServer. Private to common/net.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "common/net/http_server.h"

namespace longshore::net {

// What stop() needs of a connection.
struct OpenConnection {
  bool idle = true;  // between requests
  std::function<void()> close;
};

// Lives in the server's state, which every connection's task keeps alive.
struct ServerContext {
  async::Executor executor;
  Handler handler;
  ServerOptions options;
  bool stopping = false;
  std::uint64_t next_id = 1;
  std::unordered_map<std::uint64_t, OpenConnection*> open;
};

async::Awaitable<boost::asio::ip::tcp::socket> accept_one(boost::asio::ip::tcp::acceptor& acceptor,
                                                          boost::system::error_code& error);
async::Awaitable<boost::asio::local::stream_protocol::socket> accept_one(
    boost::asio::local::stream_protocol::acceptor& acceptor, boost::system::error_code& error);

// `owner` keeps `context` alive. The handler runs as a task of its own, cancelled when the client goes away.
async::Awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, ServerContext& context,
                                        std::shared_ptr<void> owner, async::TaskGroup& tasks);
async::Awaitable<void> serve_connection(boost::asio::local::stream_protocol::socket socket, ServerContext& context,
                                        std::shared_ptr<void> owner, async::TaskGroup& tasks);

}  // namespace longshore::net
