#include "common/proxy/proxy.h"

#include <sys/stat.h>

#include "common/async/gate.h"
#include "common/json/json.h"
#include "common/proxy/relay.h"

namespace longshore::proxy {
namespace {

using status::MetricKind;

constexpr base::Duration kStopLimit = std::chrono::seconds(8);
constexpr base::Duration kLook = std::chrono::milliseconds(20);

status::Metric metric(const char* name, const char* help, MetricKind kind, std::size_t value) {
  return {name, help, kind, {{{}, static_cast<double>(value)}}};
}

}  // namespace

struct Proxy::State {
  State(async::Executor executor, ProxyConfig how, status::Log& where)
      : config(std::move(how)),
        log(where),
        tasks(executor,
              [this](const std::string& task, const std::string& what) {
                log.write({base::Level::error, "task_failed", {{"task", task}, {"error", what}}});
              }),
        engine(executor, config.engine),
        consul(executor, config.consul),
        gatekeeper(tasks, engine, consul, config.gatekeeper, log),
        listener(executor),
        tls_listener(executor),
        stop(executor) {
    relaying.engine = config.engine.endpoint;
  }

  async::Awaitable<void> serve(std::unique_ptr<net::Stream> client) {
    ++connections;
    co_await relay(std::move(client), relaying, gatekeeper, tasks);
  }

  ProxyConfig config;
  status::Log& log;
  RelaySettings relaying;
  async::TaskGroup tasks;
  docker::Client engine;
  consul::Client consul;
  DrainGatekeeper gatekeeper;
  net::Listener listener;
  net::Listener tls_listener;
  async::Gate stop;
  std::size_t connections = 0;  // since the start
  bool listening = false;
};

Proxy::Proxy(async::Executor executor, ProxyConfig config, status::Log& log)
    : state_(std::make_unique<State>(std::move(executor), std::move(config), log)) {}

Proxy::~Proxy() = default;

Status Proxy::start(async::TaskGroup&) {
  State* state = state_.get();
  const net::Listener::OnConnect serve = [state](std::unique_ptr<net::Stream> client) {
    return state->serve(std::move(client));
  };
  if (!state->config.listen.empty()) {
    net::SocketFile file;
    file.path = state->config.listen;
    file.mode = state->config.mode;
    file.group = state->config.group;
    const std::string& original = state->config.engine.endpoint.path;
    struct stat info {};
    if (!file.group && ::stat(original.c_str(), &info) == 0) file.group = info.st_gid;
    LS_TRY_STATUS(state->listener.listen(file, state->tasks, serve));
  }
  if (state->config.listen_tls) {
    LS_TRY(tls, net::make_tls_server(state->config.tls));
    LS_TRY_STATUS(state->tls_listener.listen_tls(*state->config.listen_tls, std::move(tls), state->tasks, serve));
  }
  state->listening = true;
  state->tasks.spawn("clean up", state->gatekeeper.clean_up());
  return {};
}

async::Awaitable<int> Proxy::run() {
  State& state = *state_;
  co_await state.stop.wait();
  state.listener.stop();
  state.tls_listener.stop();
  // Held calls are refused and their drains ended; calls that passed get their answers.
  state.gatekeeper.close();
  const base::TimePoint until = async::now() + kStopLimit;
  while (!state.gatekeeper.quiet() && async::now() < until) co_await async::sleep_for(kLook);
  state.tasks.cancel_all();
  co_await state.tasks.join();
  co_return 0;
}

void Proxy::request_stop() {
  state_->stop.open();
}

status::Source Proxy::source() {
  State* state = state_.get();
  status::Source out;
  out.readiness = [state] {
    status::Readiness readiness;
    readiness.ready = state->listening && !state->stop.is_open();
    readiness.why = readiness.ready ? "serving" : "not listening";
    return readiness;
  };
  out.metrics = [state] {
    const GatekeeperCounts& counts = state->gatekeeper.counts();
    return status::MetricSet{
        metric("longshore_proxy_connections_total", "Connections taken.", MetricKind::counter, state->connections),
        metric("longshore_proxy_ending_calls_total", "Calls that end a running container.", MetricKind::counter,
               counts.calls),
        metric("longshore_proxy_drained_total", "Of them: passed when all load balancers had settled.",
               MetricKind::counter, counts.drained),
        metric("longshore_proxy_unserved_total", "Of them: nothing of the container was registered.",
               MetricKind::counter, counts.unserved),
        metric("longshore_proxy_timed_out_total", "Of them: passed because their time was over.", MetricKind::counter,
               counts.timed_out),
        metric("longshore_proxy_refused_total", "Of them: refused because the proxy ended.", MetricKind::counter,
               counts.refused),
        metric("longshore_proxy_gone_total", "Of them: the client went away before they passed.", MetricKind::counter,
               counts.gone),
        metric("longshore_proxy_gaps_total", "Ends of a service's only instance that another one followed.",
               MetricKind::counter, counts.gaps),
        status::Metric{"longshore_proxy_gap_seconds_total",
                       "How long nobody served in those gaps.",
                       MetricKind::counter,
                       {{{}, std::chrono::duration<double>(counts.gap).count()}}},
        metric("longshore_proxy_holding", "Calls that wait now.", MetricKind::gauge, counts.holding),
    };
  };
  out.status_json = [state] {
    const GatekeeperCounts& counts = state->gatekeeper.counts();
    json::Value value;
    value["listen"] = state->config.listen;
    value["engine"] = net::to_string(state->config.engine.endpoint);
    value["calls"] = counts.calls;
    value["drained"] = counts.drained;
    value["unserved"] = counts.unserved;
    value["timed_out"] = counts.timed_out;
    value["refused"] = counts.refused;
    value["gone"] = counts.gone;
    value["gaps"] = counts.gaps;
    value["gap_seconds"] = std::chrono::duration<double>(counts.gap).count();
    value["holding"] = counts.holding;
    return json::dump(value);
  };
  return out;
}

}  // namespace longshore::proxy
