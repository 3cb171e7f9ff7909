#include "agent/agent.h"

#include <chrono>
#include <optional>

#include "agent/core/kv_entry.h"
#include "agent/core/machine.h"
#include "agent/host_facts.h"
#include "agent/life_effects.h"
#include "agent/page_fetch.h"
#include "agent/peer_log.h"
#include "agent/reap_effects.h"
#include "agent/state_lock.h"
#include "agent/status_pages.h"
#include "agent/withdrawals.h"
#include "common/async/deadline.h"
#include "common/async/input_queue.h"
#include "common/async/task_group.h"

namespace longshore::agent {
namespace {

// A note must not keep an entry from going when the KV store is slow.
constexpr base::Duration kNoteLimit = std::chrono::seconds(2);

consul::ClientSettings note_settings(consul::ClientSettings settings) {
  settings.limits.connect = settings.limits.first_byte = kNoteLimit;
  settings.pool.max_idle = 2;
  return settings;
}

std::uint64_t jitter_seed() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// Keys name no engine and no node: all that tells two agents of a host apart goes into their mark.
AgentConfig complete(AgentConfig config) {
  config.docker.keep_bodies = config.options.tag_template != nullptr;
  config.docker.look_further = true;
  if (!config.kv) return config;
  config.kv->hostname = config.options.hostname.empty() ? config.local.hostname : config.options.hostname;
  config.kv->owner =
      kv_owner(config.kv->hostname + "/" + net::to_string(config.docker.endpoint) + "/" + config.local.nonce);
  config.options.kv_owner = config.kv->owner;
  return config;
}

LocalFacts with_engines(LocalFacts local, const EngineMemory& memory) {
  local.former_engines = memory.engines();
  return local;
}

}  // namespace

struct Agent::State {
  State(const async::Executor& executor_in, AgentConfig config_in, status::Log& log_in)
      : executor(executor_in),
        config(complete(std::move(config_in))),
        log(log_in),
        engines(config.state_dir, config.local.nonce, net::to_string(config.docker.endpoint)),
        machine(config.options, with_engines(config.local, engines), jitter_seed()),
        docker(executor, config.docker),
        consul(executor, config.consul),
        notes(executor, note_settings(config.consul)),
        queue(executor),
        tasks(executor,
              [this](const std::string& task, const std::string& what) {
                log.write({base::Level::error, "task_failed", {{"task", task}, {"error", what}}});
              }),
        state_lock(config.state_dir),
        life(consul, notes, state_lock, queue, config.options.env, config.kv.has_value()),
        reaper(notes, queue, config.options.env, config.reap),
        store(config.kv ? make_kv_store(consul, *config.kv, tasks, log) : make_agent_store(consul)) {}

  void obey(Actions actions);
  void carry_out(base::LogLine line);
  void carry_out(action::ConnectDocker what);
  void carry_out(action::ListContainers what) { tasks.spawn("list", list(what)); }
  void carry_out(action::Inspect what) { tasks.spawn("inspect", inspect(std::move(what))); }
  void carry_out(action::LoadSelf) { tasks.spawn("self", load_self()); }
  void carry_out(action::LoadServices what) { tasks.spawn("services", load_services(std::move(what))); }
  void carry_out(action::LoadWithdrawals what) { tasks.spawn("notes", load_withdrawals(std::move(what))); }
  void carry_out(action::Register what) { tasks.spawn("register", register_service(std::move(what))); }
  void carry_out(action::Withdraw what) { tasks.spawn("withdraw", withdraw(std::move(what))); }
  void carry_out(action::Deregister what) { tasks.spawn("deregister", deregister(std::move(what))); }
  void carry_out(action::ForgetWithdrawal what) { tasks.spawn("forget", forget(std::move(what))); }
  void carry_out(action::SetMaintenance what) { tasks.spawn("maintenance", life.set_maintenance(std::move(what))); }
  void carry_out(action::FeedCheck what) { tasks.spawn("heartbeat", life.feed(std::move(what))); }
  void carry_out(action::LoadDrains what);
  void carry_out(action::LockOwner what) { tasks.spawn("lock", life.lock_owner(std::move(what))); }
  void carry_out(action::RenewSession what) { tasks.spawn("renew", life.renew(std::move(what))); }
  void carry_out(action::LoadOwners what) { tasks.spawn("owners", life.load_owners(std::move(what))); }
  void carry_out(action::EndSession what) { tasks.spawn("session", life.end_session(std::move(what))); }
  void carry_out(action::LeadReap what) { tasks.spawn("lead", reaper.lead(std::move(what))); }
  void carry_out(action::LoadNodes what) { tasks.spawn("nodes", reaper.load_nodes(what)); }
  void carry_out(action::ReapNode what) { tasks.spawn("reap", reaper.reap(std::move(what))); }
  void carry_out(action::LoadOwnNode what) { tasks.spawn("own node", reaper.load_own(std::move(what))); }
  void carry_out(action::Fetch what) { tasks.spawn("fetch", fetch(std::move(what))); }
  void carry_out(action::Finish) { finished = true; }

  async::Awaitable<void> follow_docker(std::uint64_t session, std::int64_t since);
  async::Awaitable<void> list(action::ListContainers what);
  async::Awaitable<void> inspect(action::Inspect what);
  async::Awaitable<void> load_self();
  async::Awaitable<void> load_services(action::LoadServices what);
  async::Awaitable<void> load_withdrawals(action::LoadWithdrawals what);
  async::Awaitable<void> register_service(action::Register what);
  async::Awaitable<void> withdraw(action::Withdraw what);
  async::Awaitable<void> deregister(action::Deregister what);
  async::Awaitable<void> forget(action::ForgetWithdrawal what);
  async::Awaitable<void> fetch(action::Fetch what);
  async::Awaitable<bool> consul_answers();
  async::Awaitable<void> loop();

  async::Executor executor;
  AgentConfig config;
  status::Log& log;
  EngineMemory engines;
  AgentMachine machine;
  docker::Client docker;
  consul::Client consul;
  consul::Client notes;  // the same Consul with shorter limits
  async::InputQueue<Input> queue;
  std::optional<async::Deadline> stop_deadline;
  async::TaskGroup::TaskId docker_task = 0;
  async::TaskGroup::TaskId drains_task = 0;
  bool stop_asked = false;
  bool ended = false;  // run() has come to its end
  bool finished = false;
  async::TaskGroup tasks;
  StateLock state_lock;
  LifeEffects life;
  ReapEffects reaper;
  std::unique_ptr<ServiceStore> store;
};

void Agent::State::obey(Actions actions) {
  for (Action& action : actions) std::visit([this](auto&& what) { carry_out(std::move(what)); }, std::move(action));
}

void Agent::State::carry_out(action::ConnectDocker what) {
  tasks.cancel(docker_task);
  docker_task = tasks.spawn("docker", follow_docker(what.session, what.since));
}

void Agent::State::carry_out(base::LogLine line) {
  const auto peers = config.options.compatible ? peer_line(line) : std::nullopt;
  log.write(peers ? *peers : line);
}

// A newer question makes the answer to an older one worthless.
void Agent::State::carry_out(action::LoadDrains what) {
  tasks.cancel(drains_task);
  drains_task = tasks.spawn("drains", life.load_drains(std::move(what)));
}

async::Awaitable<void> Agent::State::follow_docker(std::uint64_t session, std::int64_t since) {
  input::DockerLost lost;
  lost.session = session;
  Result<docker::Engine> engine = co_await docker.connect();
  if (!engine) {
    lost.error = engine.error();
    queue.push(std::move(lost));
    co_return;
  }
  // The engine's clock was set back, or it is another engine: nothing of then is known there.
  if (engine->time_nano > 0 && engine->time_nano < since) since = 0;
  auto stream = co_await docker.events(since);
  // A proxy may let through only what it knows.
  if (!stream && since > 0 && stream.error().code == Errc::rejected) stream = co_await docker.events(0);
  if (!stream) {
    lost.error = stream.error();
    queue.push(std::move(lost));
    co_return;
  }
  const std::string problem = engines.remember(engine->id);
  if (!problem.empty()) log.write({base::Level::warn, "engine_not_kept", {{"reason", problem}}});
  input::DockerConnected connected;
  connected.session = session;
  connected.engine = std::move(*engine);
  queue.push(std::move(connected));
  for (;;) {
    Result<docker::Event> event = co_await (*stream)->next();
    if (!event) {
      lost.error = event.error();
      queue.push(std::move(lost));
      co_return;
    }
    input::DockerEvent said;
    said.session = session;
    said.event = std::move(*event);
    queue.push(std::move(said));
  }
}

async::Awaitable<void> Agent::State::list(action::ListContainers what) {
  input::DockerListed said;
  said.ticket = what.ticket;
  said.rows = co_await docker.list(what.all);
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::inspect(action::Inspect what) {
  input::Inspected said;
  said.ticket = what.ticket;
  said.container = co_await docker.inspect(what.id);
  said.id = std::move(what.id);
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::load_self() {
  input::SelfLoaded said;
  said.self = co_await consul.agent_self();
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::load_services(action::LoadServices what) {
  input::ServicesLoaded said;
  said.ticket = what.ticket;
  const bool all = what.only_id.empty();
  auto services = co_await store->load(std::move(what.only_id));
  if (!services)
    said.listing = fail(services.error());
  else
    said.listing->services = std::move(*services);
  if (all && said.listing) {
    auto maintenance = co_await life.load_maintenance();
    if (!maintenance)
      said.listing = fail(maintenance.error());
    else
      said.listing->maintenance = std::move(*maintenance);
  }
  queue.push(std::move(said));
}

// Renderers hold instances of Consul's catalog; keys have no such readers and need no notes.
async::Awaitable<void> Agent::State::load_withdrawals(action::LoadWithdrawals what) {
  if (config.kv) {
    queue.push(input::WithdrawalsLoaded());
    co_return;
  }
  const std::string prefix = withdrawal_prefix(config.options.env, what.node);
  consul::QueryOptions query;
  auto pairs = co_await notes.kv_list(prefix, std::move(query));
  input::WithdrawalsLoaded said;
  if (pairs) {
    for (const consul::KvPair& pair : pairs->value)
      if (std::optional<std::string> id = withdrawn_id(prefix, pair.key))
        said.notes->push_back(decode_withdrawal(std::move(*id), pair.value));
  } else {
    said.notes = fail(pairs.error());
  }
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::register_service(action::Register what) {
  input::Registered said;
  said.id = what.service.id;
  if (!what.maintenance.empty()) {
    // The agent tells of a maintenance only what changes.
    said.status = co_await life.renew_maintenance(what.service.id, std::move(what.maintenance));
    if (!said.status) {
      queue.push(std::move(said));
      co_return;
    }
  }
  said.status = co_await store->put(std::move(what.service), what.replace_checks);
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::withdraw(action::Withdraw what) {
  input::Withdrawn said;
  said.id = what.service.id;
  if (config.kv) {
    queue.push(std::move(said));
    co_return;
  }
  std::string key = withdrawal_key(config.options.env, what.node, what.service.id);
  std::string value = withdrawal_value(what.service, what.node, what.reason, wall_clock());
  consul::KvWrite how;
  auto written = co_await notes.kv_put(std::move(key), std::move(value), std::move(how));
  if (!written) said.status = fail(written.error());
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::deregister(action::Deregister what) {
  input::Deregistered said;
  said.status = co_await store->remove(what.id);
  said.id = std::move(what.id);
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::forget(action::ForgetWithdrawal what) {
  input::WithdrawalForgotten said;
  if (config.kv) {
    said.id = std::move(what.id);
    queue.push(std::move(said));
    co_return;
  }
  std::string key = withdrawal_key(config.options.env, what.node, what.id);
  auto deleted = co_await notes.kv_delete(std::move(key), std::nullopt, false);
  if (!deleted) said.status = fail(deleted.error());
  said.id = std::move(what.id);
  queue.push(std::move(said));
}

async::Awaitable<void> Agent::State::fetch(action::Fetch what) {
  input::Fetched said;
  said.body = co_await fetch_page(executor, what.url);
  said.url = std::move(what.url);
  queue.push(std::move(said));
}

// The peer's start ping, for those who ask to give up.
async::Awaitable<bool> Agent::State::consul_answers() {
  for (int left = config.retries.attempts; left >= 0; --left) {
    auto leader = co_await consul.leader();
    if (leader || stop_asked) co_return true;
    log.write({base::Level::warn,
               "consul_ping_failed",
               {{"error", leader.error().text}, {"tries_left", std::to_string(left)}}});
    if (left > 0) co_await async::sleep_for(config.retries.interval);
  }
  co_return false;
}

async::Awaitable<void> Agent::State::loop() {
  obey(machine.start(async::now()));
  while (!finished) {
    std::optional<Input> next = co_await queue.pop_until(machine.next_wake());
    if (finished) break;
    Input input = input::Timer{};
    if (next) input = std::move(*next);
    obey(machine.step(input, async::now()));
  }
}

Agent::Agent(async::Executor executor, AgentConfig config, status::Log& log)
    : state_(std::make_unique<State>(executor, std::move(config), log)) {}

Agent::~Agent() = default;

async::Awaitable<int> Agent::run() {
  State& state = *state_;
  if (state.config.retries.attempts >= 0) {
    const bool answers = co_await state.consul_answers();
    if (!answers) {
      state.log.write({base::Level::error, "consul_unreachable", {{"reason", "-retry-attempts are used up"}}});
      state.ended = true;
      co_return 1;
    }
  }
  co_await state.loop();
  state.stop_deadline.reset();
  state.tasks.cancel_all();
  co_await state.tasks.join();
  state.ended = true;
  co_return 0;
}

void Agent::request_stop() {
  State& state = *state_;
  if (state.stop_asked || state.ended) return;
  state.stop_asked = true;
  state.queue.push(input::Stop{});
  state.stop_deadline.emplace(state.executor, state.config.stop_within, [this] {
    state_->log.write({base::Level::warn, "stop_deadline", {{"reason", "operations in flight are abandoned"}}});
    state_->finished = true;
    state_->queue.push(input::Timer{});
  });
}

void Agent::request_reload(std::optional<AgentOptions> options) {
  AgentConfig& config = state_->config;
  input::Reload said;
  if (options) {
    options->kv_owner = config.options.kv_owner;
    config.options = *options;
    state_->docker.keep_bodies(config.options.tag_template != nullptr);
    config.local = reread_local_facts(config.options, config.local);
    said.options = config.options;
    said.local = config.local;
  }
  state_->queue.push(std::move(said));
}

status::Source Agent::source() {
  status::Source source;
  source.readiness = [this] {
    const AgentMachine& machine = state_->machine;
    return status::Readiness{machine.ready(), machine.why()};
  };
  source.metrics = [this] { return metrics_of(state_->machine.status()); };
  source.status_json = [this] { return status_json(state_->machine.status()); };
  return source;
}

}  // namespace longshore::agent
