// Names for the few Asio types that cross folder borders, and the rules of coroutines here:
// - one io_context, one thread; nothing here is thread-safe unless it says so;
// - an expression that contains co_await has no braces, no lambda and no ?: (g++ 12 destroys their temporaries twice);
// - parameters by value, references only to what outlives the TaskGroup the coroutine runs in;
// - a cancelled coroutine leaves by an exception at its next await; the TaskGroup swallows it.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/base/duration.h"

namespace longshore::async {

using Executor = boost::asio::any_io_executor;
template <class T>
using Awaitable = boost::asio::awaitable<T>;

// Monotonic now, for handing to machines.
inline base::TimePoint now() {
  return std::chrono::steady_clock::now();
}

// Ends by exception when the task is cancelled.
Awaitable<void> sleep_for(base::Duration duration);
Awaitable<void> sleep_until(base::TimePoint when);

}  // namespace longshore::async
