// The shell of the watch pool: sends what it asks for, tells it what came, hands news on. Narrow on purpose: "watch
// these; here is news of one" is all that the renderer knows.
#pragma once
#include <map>
#include <string>

#include "common/async/input_queue.h"
#include "common/async/task_group.h"
#include "common/consul/client.h"
#include "renderer/core/messages.h"
#include "renderer/watch/pool.h"

namespace longshore::render {

struct WatchSettings {
  base::Duration wait = std::chrono::seconds(60);  // of a blocking query
  base::Duration backoff_first = std::chrono::milliseconds(250);
  base::Duration backoff_most = std::chrono::seconds(5);
  // Answers from followers may be as old as this; 0 = ask the leader.
  base::Duration max_stale = std::chrono::seconds(2);
  base::Duration poll = std::chrono::seconds(15);  // of what cannot be waited for: datacenters
  std::size_t max_connections = 64;                // to Consul, all together; >= 4
  std::size_t reads_at_once = 16;
  // Ask until there is an answer to render with, and not again: a parked query keeps its connection's place in Consul
  // for minutes after we are gone.
  bool once = false;
  std::uint64_t seed = 1;
};

// How many of the connections may hold parked queries: the rest answers at once, whatever is parked.
std::size_t parked_of(std::size_t max_connections);
// The same where one connection carries several (HTTP/2).
std::size_t parked_of(std::size_t max_connections, std::size_t streams_per_connection);

class Watcher {
 public:
  // Called with Answered, WatchFailed and Confirmed, never from within start or stop.
  using Deliver = std::function<void(Input)>;

  // All of them outlive this.
  Watcher(consul::Client& client, async::TaskGroup& tasks, WatchSettings settings, Deliver deliver);

  void start(const Dependency& on);
  void stop(const Dependency& on);
  const WatchPool& pool() const { return pool_; }

 private:
  struct Fetched {
    RawAnswer answer;
    consul::AnswerMeta meta;
    Marks marks = {};              // a print, if it was asked for
    std::uint64_t text_print = 0;  // of an answer whose text is likely to be that of the last one; 0 = of another one
    bool same = false;             // it is: `answer` was not read from it
  };

  // fetched: by the ask that led here, handed on if the pool says so.
  void carry_out(pool::Actions actions, Fetched* fetched);
  void publish(pool::Publish news, Fetched fetched);
  async::Awaitable<void> drive();
  async::Awaitable<void> ask_data(Ask ask);
  async::Awaitable<void> ask_signal(Ask ask);
  async::Awaitable<void> ask_prints(Ask ask);
  async::Awaitable<void> ask_probes(Ask ask);
  async::Awaitable<Result<Fetched>> fetch(Ask ask);
  async::Awaitable<Result<Fetched>> fetch_once(Ask ask, std::string name, consul::QueryOptions options);
  async::Awaitable<Result<Fetched>> fetch_service(Ask ask, std::string name, consul::QueryOptions options);
  async::Awaitable<Result<Fetched>> fetch_other(Ask ask, std::string name, consul::QueryOptions options);
  async::Awaitable<Result<std::vector<std::string>>> answering(std::vector<std::string> names);
  void failed(std::uint64_t id, const Error& error);
  void adapt();
  consul::QueryOptions options_of(const Ask& ask) const;

  consul::Client& client_;
  async::TaskGroup& tasks_;
  WatchSettings settings_;
  Deliver deliver_;
  WatchPool pool_;
  std::map<std::uint64_t, async::TaskGroup::TaskId> running_;  // ask -> its task
  std::map<Dependency, std::uint64_t> texts_;                  // prints of what was handed on last
  // By place, while nobody reads into it: what the last list of everything came to.
  std::map<Dependency, std::unique_ptr<consul::PrintBook>> books_;
  async::InputQueue<bool> wake_;  // the pool's next wake-up may have changed
  base::TimePoint sleeps_until_ = base::TimePoint::max();
  bool driven_ = false;
  std::size_t streams_ = 1;  // per connection, when the pool was told last
  std::string own_node_;
};

}  // namespace longshore::render
