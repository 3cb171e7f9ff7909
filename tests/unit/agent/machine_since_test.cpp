// Dialogues: what happened between two connections to Docker is told by its memory when the second one begins, and
// means what it meant then, not more.
#include <doctest/doctest.h>

#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// The container's start, by web(): 2024-01-01T00:00:00Z. The engine's clock in these dialogues stands an hour later.
constexpr std::int64_t kStart = 1'704'067'200 * kSecond;
constexpr std::int64_t kNow = kStart + 3600 * kSecond;

// One container is registered, and the last that is known of the engine is `heard`: an event that concerns nobody.
void begin(Talk& talk, std::int64_t heard = kNow) {
  talk.start();
  talk.self();
  talk.services({});
  talk.connected(heard - kSecond);
  talk.listed({row('a')});
  talk.inspected(web("one", 'a', 8080));
  talk.settle();
  talk.event_at(heard, "update", 'f');
}

}  // namespace

TEST_CASE("a second connection begins where the first one ended") {
  Talk talk;
  CHECK(has(talk.start(), "connect 1"));
  talk.self();
  talk.services({});
  talk.connected(kNow);
  talk.lost();
  // Nothing was listed: nothing is known.
  CHECK(has(talk.wake(), "connect 2"));
  talk.connected(kNow + kSecond);
  talk.listed({});
  talk.lost();
  CHECK(has(talk.wake(), "connect 3 since " + std::to_string(kNow + kSecond)));
  talk.connected(kNow + 2 * kSecond);
  talk.listed({});
  talk.event_at(kNow + 5 * kSecond, "create", 'b');
  // Told late: it does not lead back.
  talk.event_at(kNow + 4 * kSecond, "create", 'c');
  talk.lost();
  CHECK(has(talk.wake(), "connect 4 since " + std::to_string(kNow + 5 * kSecond)));
}

TEST_CASE("an engine that does not say what time it is is asked from its last event on") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.lost();
  CHECK(has(talk.wake(), "connect 2"));
  talk.connected();
  talk.listed({row('a')});
  talk.event_at(kNow, "create", 'b');
  talk.lost();
  CHECK(has(talk.wake(), "connect 3 since " + std::to_string(kNow)));
}

TEST_CASE("a clock that was set back begins anew") {
  Talk talk;
  begin(talk);
  talk.lost();
  CHECK(has(talk.until("connect 2 since " + std::to_string(kNow)), "connect 2 since " + std::to_string(kNow)));
  talk.connected(kStart);
  talk.listed({row('a')});
  talk.lost();
  CHECK(has(talk.wake(), "connect 3 since " + std::to_string(kStart)));
}

TEST_CASE("a stop signal of between counts, for the rest of its time") {
  struct Row {
    std::int64_t seconds_ago;
    const char* signal;
    bool leaves;
  };
  // Docker gives 10 s, and 2 s are its own.
  for (const Row& one : {Row{3, "15", true}, Row{11, "15", true}, Row{12, "15", false}, Row{300, "15", false},
                         Row{3, "1", false}, Row{3, "9", true}}) {
    CAPTURE(one.seconds_ago);
    CAPTURE(one.signal);
    Talk talk;
    begin(talk, kNow - 1000 * kSecond);
    talk.lost();
    talk.wake();
    talk.connected(kNow);
    CHECK(talk.event_at(kNow - one.seconds_ago * kSecond, "kill", 'a', {{"signal", one.signal}}) ==
          Lines{"inspect aaaa"});
    const Lines lines = talk.inspected(web("one", 'a', 8080));
    CHECK(lines.empty() == !one.leaves);
    if (!one.leaves || one.signal != std::string("15")) continue;
    CHECK(lines == Lines{"maintain host:one:80: longshore: stopping: signal 15"});
    talk.listed({row('a')});
    talk.inspected(web("one", 'a', 8080));
    talk.settle();
    CHECK_FALSE(talk.maintenance().empty());
    // It did not stop: back as soon as its time is over, counted from the signal.
    CHECK(has(talk.wait(seconds(12 - one.seconds_ago)), "inspect aaaa"));
    CHECK(has(talk.inspected(web("one", 'a', 8080)), "release host:one:80"));
  }
}

TEST_CASE("what was told before is not told again") {
  Talk talk;
  begin(talk, kNow - kSecond);
  // It outlives its stop.
  CHECK(talk.event_at(kNow, "kill", 'a', {{"signal", "15"}}).size() == 1);
  talk.settle();
  CHECK(has(talk.until("inspect aaaa"), "inspect aaaa"));
  talk.inspected(web("one", 'a', 8080));
  talk.settle();
  CHECK(talk.maintenance().empty());
  talk.lost();
  talk.wake();
  talk.connected(kNow + 13 * kSecond);
  // The memory begins with the very moment of the last one.
  CHECK(talk.event_at(kNow, "kill", 'a', {{"signal", "15"}}) == Lines{});
}

TEST_CASE("of one moment only what was told is known") {
  Talk talk;
  begin(talk, kNow - kSecond);
  CHECK(talk.event_at(kNow, "kill", 'a', {{"signal", "1"}}) == Lines{});
  talk.lost();
  talk.wake();
  talk.connected(kNow + kSecond);
  CHECK(talk.event_at(kNow, "kill", 'a', {{"signal", "1"}}) == Lines{});
  CHECK(talk.event_at(kNow, "kill", 'a', {{"signal", "15"}}) == Lines{"inspect aaaa"});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"maintain host:one:80: longshore: stopping: signal 15"});
}

TEST_CASE("ends and starts of between are hints: what runs now decides") {
  Talk talk;
  begin(talk);
  talk.lost();
  talk.wake();
  talk.connected(kNow + 60 * kSecond);
  SUBCASE("it was restarted") {
    CHECK(talk.event_at(kNow + 58 * kSecond, "kill", 'a', {{"signal", "15"}}) == Lines{"inspect aaaa"});
    CHECK(talk.event_at(kNow + 58 * kSecond, "die", 'a', {{"exitCode", "0"}}) == Lines{});
    CHECK(talk.event_at(kNow + 59 * kSecond, "start", 'a') == Lines{});
    Lines lines = talk.listed({row('a', "running", 2)});
    lines = talk.inspected(web("one", 'a', 9090, "2024-01-01T01:00:59Z"));
    // In place, without a moment of absence.
    CHECK(has(lines, "register host:one:80"));
    CHECK_FALSE(has(lines, "deregister host:one:80"));
    talk.settle();
    CHECK(talk.consul().at("host:one:80").port == 9090);
    CHECK(talk.maintenance().empty());
  }
  SUBCASE("it ended") {
    CHECK(talk.event_at(kNow + 2 * kSecond, "die", 'a', {{"exitCode", "0"}}) == Lines{"inspect aaaa"});
    CHECK(talk.inspect_failed('a', Errc::not_found) == Lines{"withdraw host:one:80: its container does not run"});
  }
  SUBCASE("it ended, and the list says so first") {
    talk.event_at(kNow + 2 * kSecond, "die", 'a', {{"exitCode", "0"}});
    talk.listed({});
    CHECK(talk.inspect_failed('a', Errc::not_found) == Lines{"withdraw host:one:80: its container does not run"});
  }
  SUBCASE("what comes after the connection is taken at its word") {
    CHECK(talk.event_at(kNow + 61 * kSecond, "die", 'a', {{"exitCode", "0"}}) ==
          Lines{"withdraw host:one:80: its container does not run"});
  }
}
