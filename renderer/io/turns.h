// Turns among load balancers: places in Consul's KV that are held by sessions. A place is a key
// PREFIX<semaphore>/<number below the limit>; whoever dies loses it with its session.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/async/input_queue.h"
#include "common/async/task_group.h"
#include "common/consul/client.h"

namespace longshore::render {

class Turns {
 public:
  // A group's turn has come; an error: it cannot be had.
  using Post = std::function<void(const std::string& group, Status status)>;

  // `client` outlives this; `tasks` is cancelled and joined first. prefix: "longshore/fleet/". who: for people who
  // look at the key.
  Turns(consul::Client& client, async::TaskGroup& tasks, std::string prefix, std::string who, Post post);

  void take(const std::string& group, const std::string& semaphore, int limit);
  // Also while it is waited for.
  void leave(const std::string& group);
  // Ends in order: returns when all places are free again, or at `until`.
  async::Awaitable<void> leave_all(base::TimePoint until);

 private:
  struct Wake {};
  struct Ticket {
    Ticket(const async::Executor& executor, std::string group_, std::string folder_, int limit_)
        : wake(executor), group(std::move(group_)), folder(std::move(folder_)), limit(limit_) {}
    async::InputQueue<Wake> wake;
    std::string group;
    std::string folder;
    int limit;
    bool left = false;
  };
  using Shared = std::shared_ptr<Ticket>;

  async::Awaitable<void> run(Shared ticket);
  async::Awaitable<Status> wait_for_place(Shared ticket, std::string session);
  async::Awaitable<Result<bool>> try_places(Shared ticket, std::string session);
  async::Awaitable<void> keep_place(Shared ticket, std::string session);

  consul::Client& client_;
  async::TaskGroup& tasks_;
  std::string prefix_;
  std::string who_;
  Post post_;
  std::map<std::string, Shared> tickets_;
  std::size_t running_ = 0;
  async::InputQueue<Wake> ended_;
};

}  // namespace longshore::render
