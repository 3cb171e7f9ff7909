// What the parts of the registry's server share; for server*.cpp.
#pragma once
#include <optional>

#include "common/net/http_server.h"
#include "common/registry/access.h"
#include "common/registry/check_runner.h"
#include "common/registry/server.h"
#include "common/registry/server_waiters.h"
#include "common/registry/sqlite_store.h"

namespace longshore::registry {

struct ServerCounters {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;
  std::uint64_t checks_run = 0;
  std::uint64_t commits = 0;
  std::uint64_t commit_failures = 0;
};

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(async::Executor executor_in, Options options_in, status::Log& log_in);

  // Prepares the store from the data directory; no sockets yet.
  Status open_store();
  async::Awaitable<net::Response> handle(net::Request request, net::Peer peer);
  // Everything that follows a change of the store: write it down, wake, start and end checks. False: not written down.
  bool apply_changes();
  // Sessions, TTLs and late outputs, one after the other as they become due.
  async::Awaitable<void> expire_loop();
  void report(const RunnableCheck& check, const Probe& probe);
  status::Source make_source();

  async::Executor executor;
  Options options;
  status::Log& log;
  std::optional<Store> store;
  std::optional<SqliteStore> disk;
  std::vector<Row> unwritten;  // after a failed commit
  std::string disk_problem;
  AccessRules access;
  status::Source source;
  Waiters waiters;
  CheckRunner runner;
  boost::asio::steady_timer due;
  base::TimePoint armed = base::TimePoint::max();
  policy::Random random;
  async::TaskGroup* tasks = nullptr;
  async::TaskGroup::TaskId expiry_task = 0;
  bool stopping = false;
  ServerCounters counters;
  std::unique_ptr<net::HttpServer> http;
};

}  // namespace longshore::registry
