#include "renderer/renderer.h"

#include <malloc.h>
#include <unistd.h>

#include "common/async/input_queue.h"
#include "common/async/task_group.h"
#include "common/base/text.h"
#include "renderer/effects.h"
#include "renderer/explain.h"
#include "renderer/io/file_change.h"
#include "renderer/io/local_watcher.h"
#include "renderer/pages.h"
#include "renderer/word_publisher.h"

namespace longshore::render {
namespace {

// A flood of answers is cut into passes of this many, so that files follow even then.
constexpr int kInputsPerPass = 1024;
// For the end of our record, and of our turns, in Consul: somebody waits for us to end.
constexpr base::Duration kLeaveLimit = std::chrono::seconds(1);
// A supervised program that had to be killed has ended by then, and so have we.
constexpr base::Duration kAfterTheChild = std::chrono::seconds(5);

// What a reload cannot change in place, as the keys that changed.
std::string needs_restart(const RenderConfig& now, const RenderConfig& fresh) {
  std::vector<std::string> out;
  const auto compare = [&](const char* key, bool same) {
    if (!same) out.emplace_back(key);
  };
  compare("consul.address", now.consul.endpoint == fresh.consul.endpoint);
  compare("consul.ssl", now.consul.tls == fresh.consul.tls);
  compare("consul.namespace", now.consul.ns == fresh.consul.ns);
  compare("consul.partition", now.consul.partition == fresh.consul.partition);
  compare("consul.retry",
          now.watch.backoff_first == fresh.watch.backoff_first && now.watch.backoff_most == fresh.watch.backoff_most);
  compare("consul.transport", now.consul.limits.connect == fresh.consul.limits.connect &&
                                  now.consul.limits.tls == fresh.consul.limits.tls &&
                                  now.consul.pool.idle_limit == fresh.consul.pool.idle_limit &&
                                  now.consul.pool.max_idle == fresh.consul.pool.max_idle);
  compare("env", now.kv_prefix == fresh.kv_prefix);
  compare("renderer_id", now.renderer_id == fresh.renderer_id);
  compare("state_dir", now.state_dir == fresh.state_dir || (now.state_dir_optional && fresh.state_dir_optional));
  compare("max_stale", now.watch.max_stale == fresh.watch.max_stale);
  compare("block_query_wait", now.watch.wait == fresh.watch.wait);
  compare("max_connections", now.watch.max_connections == fresh.watch.max_connections);
  compare("nginx.retire_workers", now.retire_workers == fresh.retire_workers);
  compare("probe.enabled", now.machine.probe.enabled == fresh.machine.probe.enabled);
  return base::join(out, ", ");
}

// A server may still answer with what a predecessor of ours wrote.
MachineSettings with_epoch(MachineSettings settings) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  settings.epoch = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  return settings;
}

// The nginx that is told, for templates that ask what it can do.
NginxProgram nginx_of(const RenderConfig& config) {
  NginxProgram out;
  out.executable = config.reload_executable;
  out.pid_file = config.machine.reload_pid_file;
  for (const apply::GroupSpec& group : config.machine.groups)
    if (out.pid_file.empty() && group.tell && group.tell->kind == Followup::Kind::reload)
      out.pid_file = group.tell->what.words.front();
  return out;
}

}  // namespace

struct Renderer::State {
  State(async::Executor executor_, RenderConfig config_, status::Log& log_, RendererSeams seams_)
      : executor(executor_),
        config(std::move(config_)),
        log(log_),
        seams(std::move(seams_)),
        queue(executor),
        tasks(executor, [this](const std::string& task, const std::string& what) { report_fault(task, what); }),
        client(executor, config.consul),
        machine(with_epoch(config.machine), all_functions()),
        watcher(client, tasks, config.watch, [this](Input input) { queue.push(std::move(input)); }),
        local_watcher(tasks, {.environment = config.command_environment, .nginx = nginx_of(config)},
                      [this](Input input) { queue.push(std::move(input)); }) {
    make_state_dir();
    if (!seams.files) seams.files = std::make_shared<RealFiles>(FileSettings{config.state_dir});
    if (!seams.processes)
      seams.processes =
          std::make_shared<RealProcesses>(tasks, ProcessSettings{config.command_environment, config.inherit_output});
    if (!seams.prober) seams.prober = std::make_shared<TcpProber>();
    effects = std::make_unique<Effects>(config, client, tasks, *seams.files, *seams.processes, *seams.prober,
                                        [this](Input input) { queue.push(std::move(input)); });
  }

  void make_state_dir() {
    if (!config.state_dir_optional || config.state_dir.empty()) return;
    const Status made = make_directories(config.state_dir);
    if (made && ::access(config.state_dir.c_str(), W_OK) == 0) return;
    log.write({base::Level::info,
               "state_dir_unusable",
               {{"directory", config.state_dir},
                {"error", made ? "not writable" : made.error().text},
                {"without", "versions before the last change, and commands owed after kill -9"}}});
    config.state_dir.clear();
  }

  void report_fault(const std::string& task, const std::string& what) {
    log.write({base::Level::error, "task_failed", {{"task", task}, {"error", what}}});
  }

  void carry_out(base::LogLine& line) { log.write(line); }
  void carry_out(action::StartWatch& watch) {
    if (watch.on.local())
      local_watcher.start(watch.on);
    else
      watcher.start(watch.on);
  }
  void carry_out(action::StopWatch& watch) {
    if (watch.on.local())
      local_watcher.stop(watch.on);
    else
      watcher.stop(watch.on);
  }
  void carry_out(action::PublishWord&) {
    if (!publisher) start_publisher();
    publisher->changed();
  }
  void carry_out(action::Exit& exit) { exit_code = exit.code; }
  template <class Other>
  void carry_out(Other& action) {
    effects->carry_out(action);
  }

  void start_publisher() {
    std::vector<std::string> destinations;
    for (const TemplateSpec& spec : config.machine.templates) destinations.push_back(spec.destination);
    std::string id = config.renderer_id;
    if (id.empty()) id = renderer_id(std::move(destinations));
    publisher.emplace(
        executor, client, config.kv_prefix, std::move(id), [this] { return machine.word(); },
        [this](base::LogLine line) { log.write(line); });
    tasks.spawn("word", publisher->run());
  }

  void step(Input input) {
    Actions actions = machine.step(std::move(input), async::now());
    for (Action& action : actions) std::visit([this](auto& wanted) { carry_out(wanted); }, action);
  }

  // What can change in place does; where Consul is takes a new process.
  void reload() {
    if (!config.reread) return queue.push(input::Reload{});
    Result<RenderConfig> fresh = config.reread();
    if (!fresh) {
      log.write({base::Level::error,
                 "reload_refused",
                 {{"error", fresh.error().text}, {"kept", "the configuration as it was"}}});
      return;
    }
    if (const std::string what = needs_restart(config, *fresh); !what.empty())
      log.write({base::Level::warn, "restart_needed", {{"changed", what}, {"kept", "what it was at the start"}}});
    client.set_credentials(fresh->consul.token, fresh->consul.auth);
    config.command_environment = std::move(fresh->command_environment);
    config.reload_executable = std::move(fresh->reload_executable);
    config.machine.reload_pid_file = fresh->machine.reload_pid_file;
    config.machine.groups = fresh->machine.groups;
    local_watcher.configure(config.command_environment, nginx_of(config));
    queue.push(input::Reload{std::make_shared<const MachineSettings>(std::move(fresh->machine))});
  }

  async::Executor executor;
  RenderConfig config;
  status::Log& log;
  RendererSeams seams;
  async::InputQueue<Input> queue;
  async::TaskGroup tasks;
  consul::Client client;
  RenderMachine machine;
  Watcher watcher;
  LocalWatcher local_watcher;
  std::unique_ptr<Effects> effects;
  std::optional<WordPublisher> publisher;
  bool stop_asked = false;
  std::optional<int> exit_code;
};

Renderer::Renderer(async::Executor executor, RenderConfig config, status::Log& log, RendererSeams seams)
    : state_(std::make_unique<State>(std::move(executor), std::move(config), log, std::move(seams))) {}

Renderer::~Renderer() = default;

async::Awaitable<int> Renderer::run() {
  State& state = *state_;
  state.step(input::Start{});
  // A renderer is idle for days: what only the start needed does not stay.
  malloc_trim(0);
  while (!state.exit_code) {
    const auto wake = state.machine.next_wake();
    const base::TimePoint until = wake.value_or(async::now() + std::chrono::hours(1));
    std::optional<Input> told = co_await state.queue.pop_until(until);
    for (int i = 0; told && !state.exit_code; ++i) {
      state.step(std::move(*told));
      if (i == kInputsPerPass) break;
      told = state.queue.try_pop();
    }
    const auto wall_clock = std::chrono::system_clock::now();
    if (!state.exit_code) state.step(input::Idle{wall_clock});
  }
  const base::TimePoint leave_by = async::now() + kLeaveLimit;
  co_await state.effects->leave_turns(leave_by);
  // Whoever ends without being told to leaves a server behind that serves what was written last.
  if (state.publisher && state.stop_asked) {
    const base::TimePoint limit = async::now() + kLeaveLimit;
    co_await state.publisher->leave(limit);
  }
  state.tasks.cancel_all();
  co_await state.tasks.join();
  state.client.http().close_idle();
  co_return *state.exit_code;
}

void Renderer::request_stop() {
  state_->stop_asked = true;
  state_->queue.push(input::Stop{});
}

void Renderer::request_reload() {
  state_->reload();
}

void Renderer::forward(int signal_number) {
  state_->queue.push(input::Signal{signal_number});
}

void Renderer::kill_child() {
  action::SignalChild kill{SIGKILL};
  state_->effects->carry_out(kill);
}

base::Duration Renderer::stop_limit() const {
  const std::optional<ChildKeeper>& child = state_->machine.child();
  return child ? child->settings().kill_timeout + kAfterTheChild : base::Duration(0);
}

const RenderMachine& Renderer::machine() const {
  return state_->machine;
}

status::Source Renderer::source() {
  State* state = state_.get();
  status::Source source;
  source.readiness = [state] { return readiness(state->machine); };
  source.metrics = [state] {
    status::MetricSet out = metrics(state->machine, state->watcher, state->client, async::now());
    const double writes = state->publisher ? static_cast<double>(state->publisher->writes()) : 0;
    out.push_back({"longshore_render_word_writes_total",
                   "Writes of our record in Consul's KV.",
                   status::MetricKind::counter,
                   {{{}, writes}}});
    return out;
  };
  source.page = [state](const net::Target& target) -> std::optional<std::string> {
    if (target.path != "/v1/why") return std::nullopt;
    return why_json(state->machine, state->watcher, target.query, async::now());
  };
  source.status_json = [state] {
    const WordPublisher* publisher = state->publisher ? &*state->publisher : nullptr;
    return status_json(state->machine, state->watcher, publisher, async::now());
  };
  return source;
}

}  // namespace longshore::render
