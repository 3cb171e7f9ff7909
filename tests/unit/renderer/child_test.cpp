// The supervised program: start, tell, restart, kill, end.
#include "renderer/core/child.h"

#include <doctest/doctest.h>

#include <csignal>

using namespace longshore;
using namespace longshore::render;
using std::chrono::seconds;

namespace {

using Order = ChildKeeper::Order;
using Orders = ChildKeeper::Orders;

const base::TimePoint kNow{std::chrono::hours(1)};
const Orders kStart = {{Order::Kind::start, 0}};

Orders send(int signal) {
  return {{Order::Kind::signal, signal}};
}

ChildKeeper running(ChildSettings settings = {}) {
  settings.command = "program";
  ChildKeeper keeper(settings);
  CHECK(keeper.ready() == kStart);
  CHECK(keeper.ready().empty());
  keeper.started(kNow);
  CHECK(keeper.running());
  return keeper;
}

}  // namespace

TEST_CASE("without a reload signal a change restarts it, with the kill signal and then SIGKILL") {
  ChildKeeper keeper = running();
  keeper.changed(kNow, 0.5);
  CHECK(keeper.next_due() == kNow);
  CHECK(keeper.tick(kNow) == send(SIGINT));
  CHECK(keeper.next_due() == kNow + seconds(30));
  CHECK(keeper.tick(kNow + seconds(29)).empty());
  CHECK(keeper.tick(kNow + seconds(30)) == send(SIGKILL));
  CHECK(keeper.exited(true, kNow + seconds(30), 0) == kStart);
  CHECK_FALSE(keeper.ended());
}

TEST_CASE("with one it is told, after the splay, once for all changes until then") {
  ChildKeeper keeper = running({.reload_signal = SIGHUP, .splay = seconds(10)});
  keeper.changed(kNow, 0.5);
  keeper.changed(kNow + seconds(1), 0.9);
  CHECK(keeper.next_due() == kNow + seconds(5));
  CHECK(keeper.tick(kNow + seconds(4)).empty());
  CHECK(keeper.tick(kNow + seconds(5)) == send(SIGHUP));
  CHECK(keeper.tick(kNow + seconds(6)).empty());
  ChildKeeper deaf = running({.reload_signal = 0});
  deaf.changed(kNow, 0.5);
  CHECK_FALSE(deaf.next_due());
}

TEST_CASE("its end is the end, unless the policy says otherwise") {
  using Restart = ChildSettings::Restart;
  for (const auto& [policy, failed, again] :
       {std::tuple{Restart::no, true, false}, std::tuple{Restart::on_failure, false, false},
        std::tuple{Restart::on_failure, true, true}, std::tuple{Restart::always, false, true}}) {
    ChildKeeper keeper = running({.restart = policy});
    CHECK(keeper.exited(failed, kNow, 0.999999).empty());
    CHECK(keeper.ended() == !again);
    CHECK(keeper.next_due().has_value() == again);
    if (again) CHECK(keeper.tick(kNow + seconds(1)) == kStart);
  }
}

TEST_CASE("a stop asks at once, without splay, and starts nothing again") {
  ChildKeeper keeper = running({.kill_signal = SIGTERM,
                                .kill_timeout = seconds(3),
                                .splay = seconds(60),
                                .restart = ChildSettings::Restart::always});
  keeper.changed(kNow, 0.5);
  CHECK(keeper.stop(kNow) == send(SIGTERM));
  CHECK(keeper.tick(kNow + seconds(3)) == send(SIGKILL));
  CHECK(keeper.exited(true, kNow + seconds(3), 0).empty());
  CHECK(keeper.ended());
  ChildKeeper hard = running({.kill_signal = 0});
  CHECK(hard.stop(kNow) == send(SIGKILL));
  ChildKeeper never(ChildSettings{});
  CHECK(never.stop(kNow).empty());
  CHECK_FALSE(never.running());
}

TEST_CASE("signals: its reload signal waits, its kill signal ends it, others are passed on") {
  ChildKeeper keeper = running({.reload_signal = SIGHUP, .splay = seconds(10)});
  CHECK(keeper.forward(SIGUSR1, kNow, 0.5) == send(SIGUSR1));
  CHECK(keeper.forward(SIGHUP, kNow, 0.5).empty());
  CHECK(keeper.tick(kNow + seconds(5)) == send(SIGHUP));
  CHECK(keeper.forward(SIGINT, kNow, 0.5) == send(SIGINT));
  CHECK(keeper.exited(true, kNow, 0).empty());
  CHECK(keeper.ended());
  CHECK(keeper.forward(SIGUSR1, kNow, 0.5).empty());
}

TEST_CASE("another command takes the place of the running one, other settings do not") {
  ChildKeeper keeper = running();
  ChildSettings same = keeper.settings();
  same.kill_timeout = seconds(5);
  keeper.configure(same, kNow, 0);
  CHECK_FALSE(keeper.next_due());
  same.command = "other";
  keeper.configure(same, kNow, 0);
  CHECK(keeper.tick(kNow) == send(SIGINT));
  CHECK(keeper.exited(false, kNow, 0) == kStart);
  CHECK(keeper.settings().command == "other");
}
