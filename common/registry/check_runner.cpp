#include "common/registry/check_runner.h"

#include <algorithm>

#include "common/net/socket.h"

namespace longshore::registry {

CheckRunner::CheckRunner(async::Executor executor, Report report)
    : executor_(std::move(executor)), report_(std::move(report)) {}

void CheckRunner::sync(const std::vector<RunnableCheck>& checks, async::TaskGroup& tasks) {
  std::map<std::string, Running> kept;
  for (const RunnableCheck& check : checks) {
    const auto found = running_.find(check.id);
    if (found != running_.end() && found->second.generation == check.generation) {
      kept.insert(running_.extract(found));
      continue;
    }
    Running started;
    started.generation = check.generation;
    started.task = tasks.spawn("check " + check.id, run(check));
    kept.emplace(check.id, started);
  }
  stop(tasks);
  running_ = std::move(kept);
}

void CheckRunner::stop(async::TaskGroup& tasks) {
  for (const auto& [id, running] : running_) tasks.cancel(running.task);
  running_.clear();
}

async::Awaitable<void> CheckRunner::run(RunnableCheck check) {
  bool passed = check.ever_passed;
  const bool is_http = !check.definition.http.empty();
  for (int runs = 1;; runs = std::min(runs + 1, 1000)) {
    Probe probe;
    if (is_http)
      probe = co_await probe_http(executor_, check.definition);
    else
      probe = co_await probe_tcp(check.definition);
    passed = passed || probe.status == CheckStatus::passing;
    report_(check, probe);
    co_await async::sleep_for(check_pause(check.definition, runs, passed));
  }
}

async::Awaitable<Probe> probe_tcp(consul::CheckDefinition check) {
  Probe probe;
  const std::string target = connect_target(check);
  const auto endpoint = net::parse_host_port(target);
  if (!endpoint) {
    probe.output = "dial tcp: " + endpoint.error().text;
    co_return probe;
  }
  auto socket = co_await net::connect_tcp(*endpoint, check_timeout(check));
  if (socket) {
    probe.status = CheckStatus::passing;
    probe.output = "TCP connect " + target + ": Success";
  } else {
    probe.output = "dial tcp " + target + ": " + socket.error().text;
  }
  co_return probe;
}

}  // namespace longshore::registry
