// Watches dependencies, one task and one blocking query each. Narrow on purpose: "watch these; here is news of one"
// is all that the renderer knows, so that a pool with fewer connections can take its place.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/async/task_group.h"
#include "common/consul/blocking_query.h"
#include "common/consul/client.h"
#include "renderer/core/dependency.h"
#include "renderer/core/messages.h"
#include "renderer/io/slots.h"

namespace longshore::render {

struct WatchSettings {
  consul::BlockingSettings query = {.wait = std::chrono::seconds(60), .backoff_most = std::chrono::seconds(5)};
  // Answers from followers may be as old as this; 0 = ask the leader.
  base::Duration max_stale = std::chrono::seconds(2);
  base::Duration poll = std::chrono::seconds(15);  // of what cannot be waited for: datacenters
  // First reads at the same time: Consul allows a client 200 connections, and what answers at once shares a few.
  std::size_t reads_at_once = 32;
  // Ask until there is an answer to render with, and not again: a parked query keeps its connection's place in Consul
  // for minutes after we are gone.
  bool once = false;
  std::uint64_t seed = 1;
};

struct WatchState {
  std::uint64_t index = 0;
  std::uint64_t answers = 0;
  int failures = 0;  // in a row
  std::optional<base::TimePoint> answered_at = {};
};

class Watcher {
 public:
  // Called with Answered and WatchFailed, never from within start or stop.
  using Deliver = std::function<void(Input)>;

  // All of them outlive this.
  Watcher(consul::Client& client, async::TaskGroup& tasks, WatchSettings settings, Deliver deliver);

  void start(const Dependency& on);
  void stop(const Dependency& on);
  const std::map<Dependency, WatchState>& states() const { return states_; }

 private:
  struct Fetched {
    RawAnswer answer;
    consul::AnswerMeta meta;
  };

  async::Awaitable<void> watch(Dependency on, std::uint64_t seed);
  async::Awaitable<void> poll_datacenters(Dependency on);
  async::Awaitable<Result<Fetched>> fetch(Dependency on, std::string name, consul::QueryOptions options);
  async::Awaitable<Result<Fetched>> fetch_fresh(Dependency on, std::string name, consul::QueryOptions options);
  async::Awaitable<Result<std::vector<std::string>>> answering(std::vector<std::string> names);
  void failed(const Dependency& on, Error error);

  consul::Client& client_;
  async::TaskGroup& tasks_;
  WatchSettings settings_;
  Deliver deliver_;
  Slots reads_;
  std::map<Dependency, async::TaskGroup::TaskId> running_;
  std::map<Dependency, WatchState> states_;
  std::uint64_t started_ = 0;
};

}  // namespace longshore::render
