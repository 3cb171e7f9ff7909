// The embedded single-node registry: Consul's HTTP API over a pure store, on one port. Blocking queries are parked
// coroutines that wake only when what they asked for changed. One per process and port; runs in the caller's TaskGroup.
#pragma once
#include <memory>

#include "common/async/executor.h"
#include "common/async/task_group.h"
#include "common/registry/options.h"
#include "common/status/log.h"
#include "common/status/source.h"

namespace longshore::registry {

class Server {
 public:
  // `log` must outlive this.
  Server(async::Executor executor, Options options, status::Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens the data directory, binds, starts checks and expiries in `tasks`. Errors: invalid_input (an address that is
  // not loopback without a token file), io, and what listening says. `tasks` must outlive this or be joined first.
  Status start(async::TaskGroup& tasks);
  // Reads the token file again; one that cannot be read changes nothing and is logged.
  void reload();
  // Readiness, metrics and a JSON summary; usable until this is destroyed.
  status::Source source();
  // The bound address with the real port; meaningful after start().
  const net::Endpoint& local() const;
  // Answers parked requests, stops accepting, writes what is pending and closes the database. At most a second.
  async::Awaitable<void> stop();

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace longshore::registry
