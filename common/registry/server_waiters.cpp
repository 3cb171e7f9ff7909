#include "common/registry/server_waiters.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace longshore::registry {
namespace asio = boost::asio;

// Holds one waiter's place; leaves it however the coroutine ends.
class Waiters::Entry {
 public:
  Entry(Waiters& owner, Timer& timer, const std::vector<Topic>& topics)
      : owner_(owner), timer_(timer), topics_(topics) {
    for (const Topic& topic : topics_) owner_.by_topic_[topic].insert(&timer_);
    owner_.all_.insert(&timer_);
    ++owner_.parked_;
  }
  ~Entry() {
    for (const Topic& topic : topics_) {
      const auto found = owner_.by_topic_.find(topic);
      if (found == owner_.by_topic_.end()) continue;
      found->second.erase(&timer_);
      if (found->second.empty()) owner_.by_topic_.erase(found);
    }
    owner_.all_.erase(&timer_);
    --owner_.parked_;
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  Waiters& owner_;
  Timer& timer_;
  const std::vector<Topic>& topics_;
};

async::Awaitable<void> Waiters::wait(std::vector<Topic> topics, base::TimePoint until) {
  Timer timer(executor_);
  timer.expires_at(until);
  const Entry entry(*this, timer, topics);
  boost::system::error_code woken;
  auto token = asio::redirect_error(asio::use_awaitable, woken);
  co_await timer.async_wait(token);
}

void Waiters::wake(const std::vector<Topic>& topics) {
  if (all_.empty()) return;
  for (const Topic& topic : topics) {
    wake_topic(topic);
    if (topic.kind != Topic::Kind::kv) continue;
    for (std::size_t length = 0; length <= topic.key.size(); ++length)
      wake_topic(Topic{Topic::Kind::kv_prefix, topic.key.substr(0, length)});
  }
}

void Waiters::wake_topic(const Topic& topic) {
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end()) return;
  for (Timer* timer : found->second) timer->cancel();
}

void Waiters::wake_all() {
  for (Timer* timer : all_) timer->cancel();
}

}  // namespace longshore::registry
