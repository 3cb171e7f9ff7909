// Dialogues: late news of an earlier life, a life of the agent that begins in the middle of a stop, another engine.
#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>

#include "agent/engine_memory.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

// 2024-01-01T00:00:00Z, when containers of these tests start.
constexpr std::int64_t kStarted = 1'704'067'200'000'000'000;

Lines event_at(Talk& talk, std::int64_t nanoseconds, std::string action, std::map<std::string, std::string> more = {}) {
  return talk.say(input::DockerEvent{
      talk.session(), {"container", std::move(action), std::string(64, 'a'), std::move(more), nanoseconds}});
}

}  // namespace

TEST_CASE("the die and the kill of an earlier life change nothing, whenever they come") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  CHECK(event_at(talk, kStarted - 1, "kill", {{"signal", "15"}}) == Lines{"inspect aaaa"});
  CHECK(event_at(talk, kStarted - 1, "die", {{"exitCode", "0"}}) == Lines{});
  CHECK_FALSE(writes(talk.inspected(web("one", 'a', 8080))));
  // The clock had jumped, and it is dead: the inspect that the second event led to tells.
  docker::Container dead = web("one", 'a', 8080);
  dead.state.running = false;
  CHECK(has(talk.inspected(dead), "withdraw host:one:80: its container does not run"));
}

TEST_CASE("a die before the inspect that its next start leads to") {
  Talk talk;
  talk.sync({});
  CHECK(event_at(talk, kStarted + 5, "start") == Lines{"inspect aaaa"});
  CHECK_FALSE(writes(event_at(talk, kStarted + 4, "die", {{"exitCode", "0"}})));
  CHECK(has(talk.inspected(web("one", 'a', 8080)), "register host:one:80"));
  CHECK(event_at(talk, kStarted + 6, "die", {{"exitCode", "0"}}) ==
        Lines{});  // its registration is under way; the end is obeyed after it
  CHECK(has(talk.registered("host:one:80"), "withdraw host:one:80: its container does not run"));
}

TEST_CASE("an agent that begins while a container is being stopped leaves it out for the rest of its time") {
  Talk before;
  before.sync({web("one", 'a', 8080)});
  const consul::Service entry = before.consul().at("host:one:80");
  docker::Container one = web("one", 'a', 8080);
  Talk talk;
  talk.maintenance()["host:one:80"] = "longshore: stopping: signal 15";
  const auto begin = [&](const consul::Service& present) {
    talk.start();
    talk.self();
    talk.services({{"host:one:80", present}});
    talk.connected();
    talk.listed({row('a')});
    return talk.inspected(one);
  };
  SUBCASE("it ends") {
    CHECK_FALSE(writes(begin(entry)));
    CHECK(has(talk.event("die", 'a', {{"exitCode", "0"}}), "withdraw host:one:80: its container does not run"));
  }
  SUBCASE("it outlives its stop") {
    CHECK_FALSE(writes(begin(entry)));
    CHECK_FALSE(writes(talk.wait(seconds(11))));
    CHECK(has(talk.wait(seconds(1)), "inspect aaaa"));
    CHECK(has(talk.inspected(one), "release host:one:80"));
  }
  SUBCASE("Docker is read before Consul") {
    talk.start();
    talk.self();
    talk.connected();
    talk.listed({row('a')});
    talk.inspected(one);
    CHECK_FALSE(writes(talk.services({{"host:one:80", entry}})));
  }
  SUBCASE("the stop was that of an earlier container") {
    consul::Service other = entry;
    other.meta["longshore-container"] = std::string(12, 'd');
    begin(other);
    talk.settle();
    CHECK(talk.consul().contains("host:one:80"));
    CHECK(talk.maintenance().empty());
  }
  SUBCASE("another reason of ours ends with this start") {
    talk.maintenance()["host:one:80"] = "longshore: the agent stopped";
    CHECK(has(begin(entry), "release host:one:80"));
  }
}

TEST_CASE("a container that is restarted owes nothing to its stop before") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.event("kill", 'a', {{"signal", "15"}});
  talk.settle();
  // Its end and its next start come before its entry is gone.
  talk.event("die", 'a', {{"exitCode", "0"}});
  talk.event("start", 'a');
  talk.inspected(web("one", 'a', 8080, "2024-01-01T00:00:09Z"));
  talk.settle();
  CHECK(talk.consul().contains("host:one:80"));
  CHECK(talk.maintenance().empty());
}

TEST_CASE("another engine behind the socket: what was left is nobody's, and goes after the probation") {
  Talk talk;
  talk.answer_life_by_hand();
  talk.start();
  talk.self();
  talk.services({});
  talk.connected();
  talk.drained({});
  talk.listed({row('a')});
  talk.locked();
  talk.inspected(web("one", 'a', 8080));
  talk.settle();
  talk.lost();
  talk.wake();
  const Lines other = talk.say(input::DockerConnected{talk.session(), {"OTHER", "box", "20.10.24", "1.41", {}}});
  // The session goes back, and with it the former owner's key: nobody else is taken for its holder.
  CHECK(has(other, "end session"));
  CHECK(has(other, "lock node/OTHER/nonce"));
  talk.locked();
  CHECK(has(talk.listed({}), "owners node"));
  const Lines told = talk.say(input::OwnersLoaded{std::set<std::string>{owner_key("node/OTHER/nonce")}});
  CHECK(has(told,
            "info event=probation id=host:one:80 owner=node/engine/nonce reason=\"its container does not run\" "
            "goes_in=1m0s"));
  CHECK(has(talk.wait(seconds(60)), "withdraw host:one:80: its container does not run"));
}

TEST_CASE("engines that were served before are remembered, by socket and nonce") {
  namespace fs = std::filesystem;
  const fs::path dir = fs::temp_directory_path() / ("longshore-engines-" + std::to_string(::getpid()));
  fs::remove_all(dir);
  {
    EngineMemory memory(dir.string(), "nonce", "unix:/s");
    CHECK(memory.engines().empty());
    CHECK(memory.remember("A").empty());
    CHECK(memory.remember("B").empty());
  }
  EngineMemory other(dir.string(), "nonce", "unix:/t");
  CHECK(other.engines().empty());
  CHECK(other.remember("C").empty());
  CHECK(EngineMemory(dir.string(), "nonce", "unix:/s").engines() == std::vector<std::string>{"A", "B"});
  CHECK(EngineMemory(dir.string(), "clone", "unix:/s").engines().empty());
  CHECK(EngineMemory("", "nonce", "unix:/s").remember("A").empty());
  EngineMemory many(dir.string(), "nonce", "unix:/s");
  for (int i = 0; i < 20; ++i) many.remember("E" + std::to_string(i));
  CHECK(EngineMemory(dir.string(), "nonce", "unix:/s").engines().size() == EngineMemory::kMost);
  fs::remove_all(dir);
}
