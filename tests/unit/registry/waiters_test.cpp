#include "common/registry/server_waiters.h"

#include "tests/support/run_coroutine.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using Kind = Topic::Kind;

async::Awaitable<void> park(Waiters& waiters, std::vector<Topic> topics, base::TimePoint until, bool& woken) {
  co_await waiters.wait(std::move(topics), until);
  woken = true;
}

async::Awaitable<void> until_parked(Waiters& waiters, std::size_t count) {
  while (waiters.size() < count) co_await async::sleep_for(0ms);
}

async::Awaitable<void> settle() {
  for (int i = 0; i < 5; ++i) co_await async::sleep_for(0ms);
}

async::Awaitable<void> dialogue(Waiters& waiters, async::TaskGroup& tasks) {
  bool service = false;
  bool prefix = false;
  bool every_key = false;
  bool late = false;
  const base::TimePoint far = async::now() + 1h;
  std::vector<Topic> service_topics{{Kind::health, "web"}, {Kind::nodes, ""}};
  std::vector<Topic> prefix_topics{{Kind::kv_prefix, "a/"}};
  std::vector<Topic> all_topics{{Kind::kv_prefix, ""}};
  std::vector<Topic> none;
  tasks.spawn("1", park(waiters, service_topics, far, service));
  tasks.spawn("2", park(waiters, prefix_topics, far, prefix));
  tasks.spawn("3", park(waiters, all_topics, far, every_key));
  tasks.spawn("4", park(waiters, none, async::now() + 1ms, late));
  co_await until_parked(waiters, 4);
  std::vector<Topic> other{{Kind::health, "other"}, {Kind::kv, "b"}};
  waiters.wake(other);
  co_await settle();
  CHECK_FALSE(service);
  CHECK_FALSE(prefix);
  CHECK(every_key);
  std::vector<Topic> key{{Kind::kv, "a/b"}};
  waiters.wake(key);
  co_await settle();
  CHECK(prefix);
  CHECK_FALSE(service);
  std::vector<Topic> node{{Kind::nodes, ""}};
  waiters.wake(node);
  co_await settle();
  CHECK(service);
  while (!late) co_await async::sleep_for(1ms);
  CHECK(waiters.size() == 0);
}

async::Awaitable<void> cancelled(Waiters& waiters, async::TaskGroup& tasks) {
  bool woken = false;
  std::vector<Topic> topics{{Kind::services, ""}};
  const auto task = tasks.spawn("1", park(waiters, topics, async::now() + 1h, woken));
  co_await until_parked(waiters, 1);
  tasks.cancel(task);
  while (waiters.size() > 0) co_await async::sleep_for(0ms);
  // Nobody is there any more.
  waiters.wake(topics);
}

}  // namespace

TEST_CASE("only those whose topic changed wake, and those whose time is over") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  Waiters waiters(context.get_executor());
  CHECK(longshore::test::run_coroutine(context, tasks, dialogue(waiters, tasks)));
}

TEST_CASE("a cancelled waiter leaves its place") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  Waiters waiters(context.get_executor());
  CHECK(longshore::test::run_coroutine(context, tasks, cancelled(waiters, tasks)));
}

}  // namespace longshore::registry
