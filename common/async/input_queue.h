// The one way into a machine: effects push their results, the shell's loop pops them in order.
// Bounded by its producers: a shell runs a bounded number of effects, each pushes one result.
#pragma once
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <optional>

#include "common/async/executor.h"

namespace longshore::async {

template <class Input>
class InputQueue {
 public:
  explicit InputQueue(const Executor& executor) : wake_(executor) {}

  void push(Input input) {
    items_.push_back(std::move(input));
    wake_.cancel();
  }

  bool empty() const { return items_.empty(); }

  // The next input, or nothing when `until` passes first. One consumer. Ends by exception when cancelled.
  Awaitable<std::optional<Input>> pop_until(base::TimePoint until) {
    if (items_.empty()) {
      wake_.expires_at(until);
      boost::system::error_code woken;
      auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
      co_await wake_.async_wait(token);
    }
    if (items_.empty()) co_return std::nullopt;
    std::optional<Input> first(std::move(items_.front()));
    items_.pop_front();
    co_return first;
  }

  // Without waiting.
  std::optional<Input> try_pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<Input> first(std::move(items_.front()));
    items_.pop_front();
    return first;
  }

 private:
  std::deque<Input> items_;
  boost::asio::steady_timer wake_;
};

}  // namespace longshore::async
