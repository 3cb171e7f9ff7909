// Accepts connections on a unix socket, or with TLS on a port, as byte streams, for what is no HTTP server of ours.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/async/task_group.h"
#include "common/net/stream.h"

namespace longshore::net {

struct SocketFile {
  std::string path = {};
  unsigned mode = 0600;                // of the socket file
  std::optional<unsigned> group = {};  // its group, by number
};

class Listener {
 public:
  using OnConnect = std::function<async::Awaitable<void>(std::unique_ptr<Stream>)>;

  explicit Listener(async::Executor executor) : executor_(std::move(executor)) {}
  ~Listener() { stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // A socket file that nobody listens on is replaced; one that somebody does, or another kind of file, is an error
  // (io). The file gets its mode and group before anybody can connect. Each connection is a task of `tasks`.
  Status listen(const SocketFile& file, async::TaskGroup& tasks, OnConnect on_connect);
  // An address and a port, for clients with a certificate (make_tls_server). A connection is a task from its
  // handshake on; one that fails it ends there.
  Status listen_tls(const Endpoint& where, std::shared_ptr<TlsContext> tls, async::TaskGroup& tasks,
                    OnConnect on_connect);
  // Takes no more connections and removes the file.
  void stop();

 private:
  async::Executor executor_;
  std::function<void()> close_;
};

}  // namespace longshore::net
