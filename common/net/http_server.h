// HTTP/1.1 server: a coroutine per connection, a handler per request. A handler may wait as long as it likes
// (blocking queries): a parked request costs its coroutine and its connection, no thread.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "common/async/executor.h"
#include "common/async/task_group.h"
#include "common/net/endpoint.h"
#include "common/net/http_types.h"

namespace longshore::net {

struct ServerOptions {
  std::size_t header_limit = 64 * 1024;                      // bytes; more is answered 431
  std::size_t body_limit = 8 << 20;                          // bytes; more is answered 413
  std::size_t max_connections = 4096;                        // the next ones are closed at once
  base::Duration header_timeout = std::chrono::seconds(30);  // from the first byte of a request to its end
  base::Duration idle_timeout = std::chrono::seconds(120);   // between requests
};

// What the handler may know of the client.
struct Peer {
  std::string address;  // without port; "unix" for unix sockets
  bool loopback = false;
};

// Must not throw on foreign data. HEAD is asked as HEAD; the body of its answer is not sent.
using Handler = std::function<async::Awaitable<Response>(Request request, Peer peer)>;

class HttpServer {
 public:
  HttpServer(async::Executor executor, Handler handler, ServerOptions options = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds and starts accepting in `tasks` (connections too). Port 0 takes a free one. Errors name the address.
  Status listen(const Endpoint& endpoint, async::TaskGroup& tasks);
  // What listen() bound, with the real port.
  const Endpoint& local() const;
  // Stops accepting and closes idle connections; requests in flight go on until their tasks are cancelled.
  void stop();
  std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace longshore::net
