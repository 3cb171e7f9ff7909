#include "common/registry/server.h"

#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <random>

#include "common/base/text.h"
#include "common/net/host_guard.h"
#include "common/registry/routes.h"
#include "common/registry/server_state.h"
#include "common/status/status_routes.h"

namespace longshore::registry {
namespace asio = boost::asio;
namespace {

using base::Level;
using base::LogLine;

// Names and jitter only; see uuid.h.
std::uint64_t seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

Result<std::string> read_token(const std::string& file) {
  std::ifstream in(file);
  std::string token;
  if (!in || !std::getline(in, token)) return fail(Errc::io, "cannot read the token file " + file);
  token = std::string(base::trim(token));
  if (token.empty()) return fail(Errc::invalid_input, "the token file " + file + " is empty");
  return token;
}

async::Awaitable<net::Response> serve(std::shared_ptr<Server::State> state, net::Request request, net::Peer peer) {
  if (state == nullptr || state->stopping) {
    net::Response gone;
    gone.status = 503;
    co_return gone;
  }
  co_return co_await state->handle(std::move(request), std::move(peer));
}

}  // namespace

Server::State::State(async::Executor executor_in, Options options_in, status::Log& log_in)
    : executor(executor_in),
      options(std::move(options_in)),
      log(log_in),
      waiters(executor_in),
      runner(executor_in, [this](const RunnableCheck& check, const Probe& probe) { report(check, probe); }),
      due(executor_in),
      random(seed()) {
  source = make_source();
}

Status Server::State::open_store() {
  Identity identity;
  identity.node = options.node_name.empty() ? host_name() : options.node_name;
  identity.datacenter = options.datacenter;
  const std::string& host = options.listen.host;
  const bool usable = options.listen.kind == net::Endpoint::Kind::tcp && !host.empty() && host != "0.0.0.0" &&
                      host != "::" && host != "localhost";
  identity.address = usable ? host : "127.0.0.1";
  store.emplace(std::move(identity), seed());
  if (!options.data_dir.empty()) {
    auto opened = SqliteStore::open(options.data_dir);
    if (!opened) return fail(std::move(opened).error());
    disk.emplace(*std::move(opened));
    LS_TRY(rows, disk->load());
    for (const std::string& problem : store->restore(rows, async::now()))
      log.write(LogLine{Level::warn, "registry_row_skipped", {{"reason", problem}}});
    log.write(LogLine{Level::info,
                      "registry_data_loaded",
                      {{"rows", std::to_string(rows.size())}, {"index", std::to_string(store->index())}}});
  }
  store->start();
  return {};
}

async::Awaitable<net::Response> Server::State::handle(net::Request request, net::Peer) {
  ++counters.requests;
  if (auto refused = refusal(access, request)) {
    ++counters.refused;
    co_return *std::move(refused);
  }
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "/v1/status") {
    status::StatusContext context;
    context.component = "registry";
    context.on_loopback = access.on_loopback;
    context.host = access.host;
    co_return status::answer_status(request, context, source);
  }
  const bool writes = request.method == "PUT" || request.method == "DELETE" || request.method == "POST";
  Call call{request, async::now(), random.chance(), std::nullopt};
  for (;;) {
    call.now = async::now();
    // Stopping answers the parked with what there is.
    if (stopping) call.until = call.now;
    Outcome outcome = route(*store, call);
    const bool durable = apply_changes();
    if (auto* response = std::get_if<net::Response>(&outcome)) {
      if (durable || !writes) co_return std::move(*response);
      net::Response lost;
      lost.status = 500;
      lost.headers.set("Content-Type", "text/plain; charset=utf-8");
      lost.body = "changed in memory but not written down: " + disk_problem;
      co_return lost;
    }
    Wait wait = std::get<Wait>(std::move(outcome));
    call.until = wait.until;
    co_await waiters.wait(std::move(wait.topics), wait.until);
  }
}

bool Server::State::apply_changes() {
  store->settle_aliases(async::now());
  Changes changes = store->take_changes();
  for (const LogLine& line : changes.lines) log.write(line);
  if (disk && !(changes.rows.empty() && unwritten.empty())) {
    std::move(changes.rows.begin(), changes.rows.end(), std::back_inserter(unwritten));
    const Status done = disk->commit(unwritten);
    done ? ++counters.commits : ++counters.commit_failures;
    if (done) unwritten.clear();
    if (!done && disk_problem.empty())
      log.write(LogLine{Level::error, "registry_write_failed", {{"error", done.error().text}}});
    if (done && !disk_problem.empty()) log.write(LogLine{Level::info, "registry_write_recovered", {}});
    disk_problem = done ? std::string() : done.error().text;
  }
  waiters.wake(changes.topics);
  if (changes.checks_to_run && tasks != nullptr && !stopping) runner.sync(store->runnable_checks(), *tasks);
  base::TimePoint next = store->next_due().value_or(base::TimePoint::max());
  // A failed commit is tried again even if nobody writes.
  if (!unwritten.empty()) next = std::min(next, async::now() + std::chrono::seconds(1));
  if (next < armed) due.cancel();
  return unwritten.empty();
}

async::Awaitable<void> Server::State::expire_loop() {
  for (;;) {
    armed = store->next_due().value_or(base::TimePoint::max());
    if (!unwritten.empty()) armed = std::min(armed, async::now() + std::chrono::seconds(1));
    due.expires_at(armed);
    boost::system::error_code woken;
    auto token = asio::redirect_error(asio::use_awaitable, woken);
    co_await due.async_wait(token);
    store->expire(async::now());
    apply_changes();
  }
}

void Server::State::report(const RunnableCheck& check, const Probe& probe) {
  if (stopping) return;
  ++counters.checks_run;
  store->check_result(check.id, check.generation, probe.status, probe.output, async::now());
  apply_changes();
}

Server::Server(async::Executor executor, Options options, status::Log& log)
    : state_(std::make_shared<State>(std::move(executor), std::move(options), log)) {}

Server::~Server() = default;

Status Server::start(async::TaskGroup& tasks) {
  State& state = *state_;
  const net::Endpoint& listen = state.options.listen;
  const bool loopback = listen.kind == net::Endpoint::Kind::unix_socket || net::is_loopback_host(listen.host);
  state.access.on_loopback = loopback && listen.kind == net::Endpoint::Kind::tcp;
  state.access.host = listen.host;
  state.access.own_token = state.options.own_token;
  if (!state.options.token_file.empty()) {
    LS_TRY(token, read_token(state.options.token_file));
    state.access.token = std::move(token);
  } else if (!loopback) {
    return fail(Errc::invalid_input, net::to_string(listen) + " is not a loopback address: -token-file is needed");
  }
  LS_TRY_STATUS(state.open_store());
  // Weak: the server's handler must not keep the state that owns the server.
  auto handler = [weak = std::weak_ptr<State>(state_)](net::Request request, net::Peer peer) {
    return serve(weak.lock(), std::move(request), std::move(peer));
  };
  net::ServerOptions http_options;
  // Every watch of every client on the host holds one.
  http_options.max_connections = 20'000;
  state.http = std::make_unique<net::HttpServer>(state.executor, std::move(handler), http_options);
  LS_TRY_STATUS(state.http->listen(listen, tasks));
  state.tasks = &tasks;
  if (!state.apply_changes()) return fail(Errc::io, "the data directory: " + state.disk_problem);
  state.runner.sync(state.store->runnable_checks(), tasks);
  state.expiry_task = tasks.spawn("registry expiry", state.expire_loop());
  return {};
}

void Server::reload() {
  State& state = *state_;
  const std::string& file = state.options.token_file;
  if (file.empty()) return;
  Result<std::string> token = read_token(file);
  if (!token) {
    state.log.write(LogLine{Level::error, "token_not_reread", {{"error", token.error().text}}});
    return;
  }
  const bool same = state.access.token == *token;
  state.access.token = *std::move(token);
  state.log.write(LogLine{Level::info, "token_reread", {{"file", file}, {"changed", same ? "false" : "true"}}});
}

status::Source Server::source() {
  return state_->source;
}

const net::Endpoint& Server::local() const {
  return state_->http ? state_->http->local() : state_->options.listen;
}

async::Awaitable<void> Server::stop() {
  State& state = *state_;
  state.stopping = true;
  if (state.http) state.http->stop();
  if (state.tasks != nullptr) {
    state.runner.stop(*state.tasks);
    state.tasks->cancel(state.expiry_task);
  }
  state.waiters.wake_all();
  // The parked are answered and their answers sent; a client that does not read is not waited for.
  for (int i = 0; i < 500 && state.http && state.http->connections() > 0; ++i)
    co_await async::sleep_for(std::chrono::milliseconds(2));
  if (state.store) state.apply_changes();
  state.disk.reset();
}

}  // namespace longshore::registry
