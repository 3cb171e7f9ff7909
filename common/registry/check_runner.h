// Runs HTTP and TCP checks: one coroutine per check, ended when its definition goes or changes.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/async/task_group.h"
#include "common/registry/store.h"

namespace longshore::registry {

struct Probe {
  CheckStatus status = CheckStatus::critical;
  std::string output;  // at most 4 KiB, as Consul keeps
};

// One run, within check_timeout(). 2xx passing, 429 warning, all else critical; redirects are followed, as Go does.
async::Awaitable<Probe> probe_http(async::Executor executor, consul::CheckDefinition check);
async::Awaitable<Probe> probe_tcp(consul::CheckDefinition check);

class CheckRunner {
 public:
  using Report = std::function<void(const RunnableCheck& check, const Probe& probe)>;
  // `report` is called on the executor's thread until stop().
  CheckRunner(async::Executor executor, Report report);

  // Starts what is new and ends what is gone. `tasks` must be joined before this is destroyed.
  void sync(const std::vector<RunnableCheck>& checks, async::TaskGroup& tasks);
  void stop(async::TaskGroup& tasks);
  std::size_t size() const { return running_.size(); }

 private:
  struct Running {
    std::uint64_t generation = 0;
    async::TaskGroup::TaskId task = 0;
  };
  async::Awaitable<void> run(RunnableCheck check);

  async::Executor executor_;
  Report report_;
  std::map<std::string, Running> running_;
};

}  // namespace longshore::registry
