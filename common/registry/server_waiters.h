// Parked blocking queries by what they wait for. A change wakes only those whose topics it touches.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <vector>

#include "common/async/executor.h"
#include "common/registry/changes.h"

namespace longshore::registry {

class Waiters {
 public:
  explicit Waiters(async::Executor executor) : executor_(std::move(executor)) {}

  // Returns when one of the topics changed, the time is over, or wake_all() was called. Whoever awaits it has asked the
  // store in the same turn of the loop, so no change can be missed. Must be awaited before this is destroyed.
  async::Awaitable<void> wait(std::vector<Topic> topics, base::TimePoint until);
  void wake(const std::vector<Topic>& topics);
  void wake_all();
  std::size_t size() const { return parked_; }

 private:
  using Timer = boost::asio::steady_timer;
  class Entry;
  void wake_topic(const Topic& topic);

  async::Executor executor_;
  std::map<Topic, std::set<Timer*>> by_topic_;
  std::set<Timer*> all_;
  std::size_t parked_ = 0;
};

}  // namespace longshore::registry
