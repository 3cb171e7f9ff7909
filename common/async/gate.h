// Something that happens once and that any number of tasks wait for. One thread.
#pragma once
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/async/executor.h"

namespace longshore::async {

class Gate {
 public:
  explicit Gate(const Executor& executor) : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  void open() {
    open_ = true;
    timer_.cancel();
  }
  bool is_open() const { return open_; }

  // At once when open. Ends by exception when cancelled.
  Awaitable<void> wait() {
    while (!open_) {
      boost::system::error_code woken;
      auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
      co_await timer_.async_wait(token);
    }
  }

 private:
  boost::asio::steady_timer timer_;
  bool open_ = false;
};

}  // namespace longshore::async
