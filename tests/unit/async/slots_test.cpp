#include "common/async/slots.h"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "common/async/gate.h"
#include "common/async/task_group.h"

using namespace longshore;
using async::Slots;

namespace {

struct Line {
  boost::asio::io_context loop;
  async::TaskGroup tasks{loop.get_executor()};
  Slots slots{loop.get_executor(), 2};
  std::string journal;

  async::Awaitable<void> visit(char name, async::Gate& leave) {
    auto slot = co_await slots.acquire();
    journal += name;
    co_await leave.wait();
  }
  void run() {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(5));
  }
};

}  // namespace

TEST_CASE("as many as there are places, the others in their order") {
  Line line;
  async::Gate first(line.loop.get_executor()), rest(line.loop.get_executor());
  line.tasks.spawn("a", line.visit('a', first));
  for (const char name : {'b', 'c', 'd', 'e'}) line.tasks.spawn("x", line.visit(name, rest));
  line.run();
  CHECK(line.journal == "ab");
  first.open();
  line.run();
  CHECK(line.journal == "abc");
  rest.open();
  line.run();
  CHECK(line.journal == "abcde");
  CHECK(line.tasks.size() == 0);
}

TEST_CASE("one that is cancelled in the line, or with its place, takes nothing from the others") {
  Line line;
  async::Gate never(line.loop.get_executor()), later(line.loop.get_executor());
  const auto a = line.tasks.spawn("a", line.visit('a', never));
  const auto b = line.tasks.spawn("b", line.visit('b', never));
  line.run();
  const auto c = line.tasks.spawn("c", line.visit('c', never));
  line.tasks.spawn("d", line.visit('d', later));
  line.tasks.spawn("e", line.visit('e', later));
  line.run();
  line.tasks.cancel(c);
  line.run();
  CHECK(line.journal == "ab");
  // A place is granted and its taker cancelled in the same moment.
  line.tasks.cancel(a);
  line.run();
  CHECK(line.journal == "abd");
  line.tasks.cancel(b);
  line.run();
  CHECK(line.journal == "abde");
  later.open();
  line.run();
  CHECK(line.tasks.size() == 0);
}
