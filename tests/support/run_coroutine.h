// Runs one coroutine to its end on an io_context of its own, with a limit so that a hang is a failure, not a wait.
#pragma once
#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "common/async/task_group.h"

namespace longshore::test {

constexpr std::chrono::seconds kTestLimit(20);

// False when the limit passed first. What the coroutine leaves in `tasks` is cancelled and joined.
inline bool run_coroutine(boost::asio::io_context& context, async::TaskGroup& tasks, async::Awaitable<void> body) {
  bool done = false;
  std::string fault;
  async::TaskGroup main_group(context.get_executor(),
                              [&](const std::string&, const std::string& what) { fault = what; });
  const auto whole = [](async::Awaitable<void> inner, async::TaskGroup& group, bool& flag) -> async::Awaitable<void> {
    co_await std::move(inner);
    flag = true;
    group.cancel_all();
    co_await group.join();
  };
  main_group.spawn("test", whole(std::move(body), tasks, done));
  context.run_for(kTestLimit);
  CHECK(fault == "");
  return done && main_group.size() == 0;
}

}  // namespace longshore::test
