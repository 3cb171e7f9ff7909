#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/async/executor.h"

namespace longshore::async {
namespace asio = boost::asio;

Awaitable<void> sleep_until(base::TimePoint when) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_at(when);
  co_await timer.async_wait(asio::use_awaitable);
}

Awaitable<void> sleep_for(base::Duration duration) {
  return sleep_until(now() + duration);
}

}  // namespace longshore::async
