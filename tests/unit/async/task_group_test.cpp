#include "common/async/task_group.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <vector>

#include "common/async/deadline.h"
#include "common/async/input_queue.h"
#include "tests/support/run_coroutine.h"

namespace longshore {
namespace {
using async::Awaitable;
using std::chrono::hours;
using std::chrono::milliseconds;

Awaitable<void> sleeper(std::vector<std::string>& log, std::string name) {
  try {
    co_await async::sleep_for(hours(1));
  } catch (...) {
    log.push_back(name + " cancelled");
    throw;
  }
}

Awaitable<void> thrower() {
  co_await async::sleep_for(milliseconds(1));
  throw std::runtime_error("broken");
}

TEST_CASE("cancel_all ends every task and join returns") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  std::vector<std::string> log;
  const auto body = [&]() -> Awaitable<void> {
    tasks.spawn("a", sleeper(log, "a"));
    const auto b = tasks.spawn("b", sleeper(log, "b"));
    co_await async::sleep_for(milliseconds(1));
    tasks.cancel(b);
    while (tasks.size() > 1) co_await async::sleep_for(milliseconds(1));
    CHECK(log == std::vector<std::string>{"b cancelled"});
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(log == std::vector<std::string>{"b cancelled", "a cancelled"});
  CHECK(tasks.size() == 0);
  CHECK(tasks.spawn("late", sleeper(log, "late")) == 0);
}

TEST_CASE("a task cancelled before it started ends without a trace") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  std::vector<std::string> log;
  const auto body = [&]() -> Awaitable<void> {
    const auto id = tasks.spawn("a", sleeper(log, "a"));
    tasks.cancel(id);
    co_await boost::asio::post(boost::asio::use_awaitable);
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(tasks.size() == 0);
}

TEST_CASE("a fault is reported and the others go on") {
  boost::asio::io_context context;
  std::vector<std::string> faults;
  async::TaskGroup tasks(context.get_executor(), [&](const std::string& task, const std::string& what) {
    faults.push_back(task + ": " + what);
  });
  std::vector<std::string> log;
  const auto body = [&]() -> Awaitable<void> {
    tasks.spawn("a", sleeper(log, "a"));
    tasks.spawn("bad", thrower());
    while (faults.empty()) co_await async::sleep_for(milliseconds(1));
    CHECK(tasks.size() == 1);
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(faults == std::vector<std::string>{"bad: broken"});
}

TEST_CASE("the input queue keeps order, wakes its reader and honours the limit") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  async::InputQueue<int> queue(context.get_executor());
  std::vector<int> seen;
  const auto producer = [&]() -> Awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      co_await async::sleep_for(milliseconds(1));
      queue.push(i);
    }
  };
  const auto body = [&]() -> Awaitable<void> {
    tasks.spawn("producer", producer());
    while (seen.size() < 3) {
      const std::optional<int> item = co_await queue.pop_until(async::now() + hours(1));
      if (item) seen.push_back(*item);
    }
    const std::optional<int> none = co_await queue.pop_until(async::now() + milliseconds(2));
    CHECK_FALSE(none.has_value());
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(seen == std::vector<int>{0, 1, 2});
}

TEST_CASE("a deadline fires once, unless it is gone or was restarted") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  int fired = 0;
  const auto body = [&]() -> Awaitable<void> {
    {
      async::Deadline gone(context.get_executor(), milliseconds(1), [&] { fired += 100; });
    }
    async::Deadline restarted(context.get_executor(), milliseconds(1), [&] { fired += 10; });
    restarted.restart(hours(1));
    async::Deadline deadline(context.get_executor(), milliseconds(5), [&] { ++fired; });
    while (!deadline.expired()) co_await async::sleep_for(milliseconds(1));
    deadline.restart(milliseconds(1));
    async::Deadline later(context.get_executor(), milliseconds(3), [] {});
    while (!later.expired()) co_await async::sleep_for(milliseconds(1));
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(fired == 1);
}

}  // namespace
}  // namespace longshore
