// One coroutine run to its end by a verb that has no event loop of its own.
#pragma once
#include <boost/asio/io_context.hpp>
#include <optional>

#include "common/async/task_group.h"
#include "common/base/result.h"

namespace longshore::app {

template <class T>
async::Awaitable<void> keep_result(async::Awaitable<T> call, std::optional<T>& out) {
  T answer = co_await std::move(call);
  out.emplace(std::move(answer));
}

// T: a Result or a Status. unreachable when the loop has nothing left to do and there is no answer (a bug in `call`).
template <class T>
T run_to_end(boost::asio::io_context& context, async::Awaitable<T> call) {
  std::optional<T> answer;
  async::TaskGroup tasks(context.get_executor());
  tasks.spawn("call", keep_result(std::move(call), answer));
  context.restart();
  // Idle connections keep timers: the loop ends with the answer, not with them.
  while (!answer && context.run_one() != 0) {
  }
  if (!answer) return fail(Errc::unreachable, "no answer");
  return std::move(*answer);
}

}  // namespace longshore::app
