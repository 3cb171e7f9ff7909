#include "common/main/supervisor.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "common/async/gate.h"
#include "common/async/signals.h"
#include "common/main/orphans.h"
#include "common/main/start_pages.h"
#include "common/main/systemd.h"
#include "common/status/build_info.h"
#include "common/status/status_server.h"

namespace longshore::app {
namespace {

bool has(const std::vector<int>& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

// A component with what belongs to its run.
struct Running {
  Running(Component component_in, const async::Executor& executor)
      : component(std::move(component_in)), ended(executor) {}

  Component component;
  std::unique_ptr<status::StatusServer> pages;
  bool started = false;
  async::Gate ended;
};

}  // namespace

struct Supervisor::State {
  State(SupervisorRules rules_in, status::Log& log_in)
      : rules(std::move(rules_in)),
        log(log_in),
        root(io.get_executor(), [this](const std::string& task, const std::string& what) { fault(task, what); }),
        tasks(io.get_executor(), [this](const std::string& task, const std::string& what) { fault(task, what); }),
        stopping(io.get_executor()),
        systemd(Systemd::from_environment()) {}

  void fault(const std::string& task, const std::string& what) {
    log.write({base::Level::error, "task_failed", {{"task", task}, {"error", what}}});
  }

  static void notice(const std::string& text) {
    if (!text.empty()) std::fputs((text + "\n").c_str(), stderr);
  }

  [[noreturn]] void end_now(std::string event, std::string why) {
    for (const auto& one : running)
      if (one->component.end_now) one->component.end_now();
    log.write({base::Level::error, std::move(event), {{"reason", std::move(why)}}});
    ::_exit(1);
  }

  void stop(int code, std::string why) {
    if (stopping.is_open()) return;
    exit_code = code;
    log.write({base::Level::info, "stopping", {{"reason", std::move(why)}}});
    systemd.stopping();
    stopping.open();
  }

  Status start_all();
  Status start_one(Running& one);
  async::Awaitable<void> watch_signals();
  async::Awaitable<void> run_one(Running& running);
  async::Awaitable<void> conduct();
  async::Awaitable<void> watch_deadline();
  async::Awaitable<void> tell_systemd();
  async::Awaitable<void> trim_when_ready();
  status::Readiness readiness() const;

  // Order matters: the loop outlives all that holds its executor.
  boost::asio::io_context io{1};
  SupervisorRules rules;
  status::Log& log;
  async::TaskGroup root;   // signals, deadline, the conductor
  async::TaskGroup tasks;  // components and their servers
  async::Gate stopping;
  Systemd systemd;
  std::unique_ptr<async::Signals> signals;
  std::vector<std::unique_ptr<Running>> running;
  int exit_code = 0;
};

Status Supervisor::State::start_one(Running& one) {
  Component& component = one.component;
  if (component.start) LS_TRY_STATUS(component.start(tasks));
  one.started = true;
  const status::BuildInfo build = status::build_info();
  base::LogLine line{base::Level::info, "started", {}};
  line.fields = {{"version", std::string(build.version)},
                 {"commit", std::string(build.commit)},
                 {"pid", std::to_string(::getpid())}};
  if (component.address) line.fields.emplace_back("address", component.address());
  if (component.status_address) {
    one.pages = std::make_unique<status::StatusServer>(io.get_executor(), component.name, component.source);
    LS_TRY_STATUS(one.pages->listen(*component.status_address, tasks));
    line.fields.emplace_back("status", net::to_string(one.pages->local()));
  }
  log.named(component.name).write(line);
  return {};
}

Status Supervisor::State::start_all() {
  for (const auto& one : running)
    if (Status started = start_one(*one); !started) return fail(started.error().with(one->component.name));
  return {};
}

async::Awaitable<void> Supervisor::State::watch_signals() {
  for (;;) {
    const int number = co_await signals->next();
    const std::string name = ::sigabbrev_np(number);
    if (has(rules.reload, number)) {
      notice(rules.reload_notice);
      log.write({base::Level::info, "reloading", {{"signal", name}}});
      systemd.reloading();
      for (const auto& one : running)
        if (one->component.request_reload) one->component.request_reload();
    } else if (!has(rules.stop, number)) {
      log.write({base::Level::debug, "signal_forwarded", {{"signal", name}}});
      for (const auto& one : running)
        if (one->component.forward) one->component.forward(number);
    } else if (stopping.is_open()) {
      end_now("stopped_at_once", "second signal " + name);
    } else {
      notice(rules.stop_notice);
      stop(rules.stopped_code, "signal " + name);
    }
  }
}

async::Awaitable<void> Supervisor::State::run_one(Running& one) {
  int code = rules.failed_code;
  try {
    code = co_await one.component.run();
  } catch (const std::exception& error) {
    fault(one.component.name, error.what());
  }
  one.ended.open();
  log.named(one.component.name).write({base::Level::info, "stopped", {{"code", std::to_string(code)}}});
  stop(code, one.component.name + " ended");
}

// Ends the components one by one, last started first: renderer and agent may still talk to the registry.
async::Awaitable<void> Supervisor::State::conduct() {
  co_await stopping.wait();
  root.spawn("deadline", watch_deadline());
  for (auto one = running.rbegin(); one != running.rend(); ++one) {
    (*one)->component.request_stop();
    co_await (*one)->ended.wait();
    if ((*one)->pages) (*one)->pages->stop();
  }
  tasks.cancel_all();
  co_await tasks.join();
  root.cancel_all();
}

async::Awaitable<void> Supervisor::State::watch_deadline() {
  base::Duration limit = rules.deadline;
  for (const auto& one : running)
    if (one->component.stop_limit) limit = std::max(limit, one->component.stop_limit());
  co_await async::sleep_for(limit);
  end_now("stop_timed_out", "not stopped within " + base::format_duration(limit));
}

// All are ready, and what each of them says of itself; or the first that is not says why.
status::Readiness Supervisor::State::readiness() const {
  status::Readiness all{.ready = true, .why = {}};
  for (const auto& one : running) {
    if (!one->component.source.readiness) continue;
    status::Readiness each = one->component.source.readiness();
    const std::string named = running.size() > 1 ? one->component.name + ": " : std::string();
    if (!each.ready) return {.ready = false, .why = named + each.why};
    if (!all.why.empty()) all.why += "; ";
    all.why += named + (each.why.empty() ? "ready" : each.why);
  }
  if (all.why.empty()) all.why = "ready";
  return all;
}

// A loop that hangs sends nothing: that is what the watchdog is for.
async::Awaitable<void> Supervisor::State::tell_systemd() {
  for (;;) {
    const status::Readiness now = readiness();
    systemd.update(now.ready, now.why);
    co_await async::sleep_for(systemd.pause());
  }
}

// A while after the first readiness: the work that follows it still uses what the start used.
async::Awaitable<void> Supervisor::State::trim_when_ready() {
  while (!readiness().ready) co_await async::sleep_for(std::chrono::seconds(1));
  co_await async::sleep_for(std::chrono::seconds(2));
  release_start_pages();
}

Supervisor::Supervisor(SupervisorRules rules, status::Log& log)
    : state_(std::make_unique<State>(std::move(rules), log)) {}

Supervisor::~Supervisor() = default;

async::Executor Supervisor::executor() {
  return state_->io.get_executor();
}

void Supervisor::add(Component component) {
  state_->running.push_back(std::make_unique<Running>(std::move(component), executor()));
}

int Supervisor::run() {
  State& state = *state_;
  async::ignore_broken_pipes();
  std::vector<int> numbers = state.rules.stop;
  numbers.insert(numbers.end(), state.rules.reload.begin(), state.rules.reload.end());
  numbers.insert(numbers.end(), state.rules.forward.begin(), state.rules.forward.end());
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  state.signals = std::make_unique<async::Signals>(executor(), numbers);
  if (const Status started = state.start_all(); !started) {
    state.log.write({base::Level::error, "start_failed", {{"error", started.error().text}}});
    std::erase_if(state.running, [](const auto& one) { return !one->started; });
    state.stop(state.rules.failed_code, "start failed");
  }
  for (const auto& one : state.running) state.tasks.spawn(one->component.name, state.run_one(*one));
  state.root.spawn("signals", state.watch_signals());
  state.root.spawn("conductor", state.conduct());
  state.root.spawn("memory", state.trim_when_ready());
  if (::getpid() == 1) state.root.spawn("orphans", reap_orphans());
  if (state.systemd.wanted()) state.root.spawn("systemd", state.tell_systemd());
  for (;;) {
    try {
      state.io.run();
      return state.exit_code;
    } catch (const std::exception& error) {
      state.fault("event loop", error.what());
    }
  }
}

}  // namespace longshore::app
