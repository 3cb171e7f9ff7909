// Those that never answer beside those that do, and rings in which nobody is to be asked.
#include <doctest/doctest.h>

#include <utility>

#include "tests/unit/renderer/probe_world.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::ProbeWorld;
using Does = ProbeWorld::Does;
using Verdict = ProbeMachine::Verdict;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// So that one alone is asked as often as others.
const ProbeMachine::Settings kNoFloor{.least = 0};

// So many services with an instance on each of ten nodes, of which nobody answers.
void fill_fleet(ProbeWorld& world, int services) {
  for (int number = 1; number <= services; ++number) {
    std::vector<ProbeCandidate> all;
    for (int node = 1; node <= 10; ++node) {
      all.push_back(ProbeWorld::candidate("n" + std::to_string(node), number));
      world.at("n" + std::to_string(node), number) = Does::refuses;
    }
    world.set(all, false, "web" + std::to_string(number));
  }
}

}  // namespace

TEST_CASE("strangers: thousands cost a question in five seconds, and hardly a wake-up") {
  ProbeWorld world;
  fill_fleet(world, 400);
  world.run(minutes(1));
  CHECK(world.asked > 15);
  CHECK(world.asked < 100);
  world.asked = world.steps = 0;
  world.run(minutes(10));
  CHECK(world.asked >= 60);
  CHECK(world.asked <= 121);
  CHECK(world.steps <= 5 * 120);
}

TEST_CASE("strangers: a fleet that answers is known within two minutes") {
  ProbeWorld world;
  fill_fleet(world, 400);
  for (auto& [place, does] : world.does) does = Does::answers;
  world.run(minutes(2));
  CHECK(world.places.size() == 4000);
}

TEST_CASE("strangers: those who answer among thousands of them are asked as if they were alone") {
  ProbeWorld world;
  fill_fleet(world, 400);
  world.run(minutes(10));
  // A new service of somebody else, on nodes that carry strangers too.
  world.at("n1", 9000) = world.at("n2", 9000) = world.at("n3", 9000) = Does::answers;
  world.set({ProbeWorld::candidate("n1", 9000), ProbeWorld::candidate("n2", 9000), ProbeWorld::candidate("n3", 9000)},
            true, "fresh");
  world.run(seconds(8));
  for (int round = 0; round < 10; ++round) {
    world.at("n2", 9000) = Does::hangs;
    const base::TimePoint began = world.now;
    while (world.verdict("n2", 9000, "fresh") != Verdict::out && world.now - began < seconds(10))
      world.run(milliseconds(5));
    CHECK(world.now - began < milliseconds(2000));
    CHECK(world.verdict("n1", 9000, "fresh") == Verdict::in);
    world.at("n2", 9000) = Does::answers;
    world.run(seconds(3));
    CHECK(world.verdict("n2", 9000, "fresh") == Verdict::in);
    world.run(milliseconds(777 * round));
  }
}

TEST_CASE("rings: a dead node is not looked through again and again, and back it is watched as before") {
  ProbeWorld world;
  std::vector<ProbeCandidate> all;
  for (int port = 1; port <= 5; ++port)
    for (const char* node : {"n1", "n2"}) all.push_back(ProbeWorld::candidate(node, port));
  world.set(all);
  world.run(seconds(5));
  for (int port = 1; port <= 5; ++port) world.at("n2", port) = Does::hangs;
  world.run(minutes(5));
  world.at("n2", 3) = Does::answers;
  CHECK(world.until("n2", 3, Verdict::in, seconds(20)) < seconds(10));
  world.run(seconds(2));
  world.at("n2", 3) = Does::refuses;
  CHECK(world.until("n2", 3, Verdict::out, seconds(10)) < milliseconds(1800));
}

TEST_CASE("strangers: those who wait for their first answer are none") {
  ProbeWorld world;
  fill_fleet(world, 400);
  for (auto& [place, does] : world.does) does = Does::hangs;
  ProbeCandidate ours = ProbeWorld::candidate("n1", 9000);
  ours.ours = true;
  world.at("n1", 9000) = Does::refuses;
  world.set({ours}, true, "fresh");
  REQUIRE(world.verdict("n1", 9000, "fresh") == Verdict::waiting);
  // Whoever hangs has not failed yet.
  world.run(milliseconds(900));
  CHECK(world.verdict("n1", 9000, "fresh") == Verdict::waiting);
  CHECK(world.places.size() > 20);
}

TEST_CASE("rings: whoever was asked in vain whether he speaks HTTP is watched as before") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    ProbeMachine::Settings settings;
    settings.seed = seed;
    ProbeWorld world(settings);
    world.at("n1", 80) = world.at("n2", 80) = Does::accepts;
    world.set({ProbeWorld::candidate("n1", 80), ProbeWorld::candidate("n2", 80)});
    world.run(seconds(40));
    REQUIRE(world.machine.tcp_only().size() == 1);
    world.at("n2", 80) = Does::frozen;
    CHECK(world.until("n2", 80, Verdict::out, seconds(10)) < seconds(2));
  }
}

TEST_CASE("rings: a question in vain costs a second, not more") {
  ProbeWorld world(kNoFloor);
  world.at("n1", 80) = Does::accepts;
  world.set({ProbeWorld::candidate("n1", 80)});
  world.run(seconds(20));
  REQUIRE(world.machine.tcp_only().size() == 1);
  base::TimePoint last = world.now;
  base::Duration longest{};
  const base::TimePoint end = world.now + minutes(2);
  for (std::size_t asked = world.asked; world.now < end; world.run(milliseconds(10))) {
    if (std::exchange(asked, world.asked) == world.asked) continue;
    longest = std::max(longest, world.now - last);
    last = world.now;
  }
  CHECK(longest < seconds(1));
}

TEST_CASE("rings: what could not be asked is asked at the next turn, not half a minute later") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    ProbeMachine::Settings settings;
    settings.seed = seed;
    settings.at_once = 4;  // one at a time on a node
    ProbeWorld world(settings);
    world.latency = milliseconds(400);
    world.at("n1", 5432) = Does::closes;
    world.set({ProbeWorld::candidate("n1", 5432)}, false, "db");
    world.set({ProbeWorld::candidate("n1", 80)});
    world.run(seconds(20));
    REQUIRE(world.machine.tcp_only().size() == 1);
    world.at("n1", 5432) = Does::answers;
    world.run(seconds(25));
    CHECK(world.machine.tcp_only().empty());
  }
}

TEST_CASE("rings: one that answers slowly is asked again as soon as it has answered") {
  ProbeSpec spec;
  spec.timeout = seconds(3);
  ProbeWorld world(kNoFloor);
  world.latency = milliseconds(600);
  world.set({ProbeWorld::candidate("n1", 80, spec)});
  world.run(minutes(1));
  CHECK(world.asked > 85);
}

TEST_CASE("rings: who is to be asked often does not wait for a neighbour who is asked seldom") {
  ProbeSpec seldom;
  seldom.interval = minutes(1);
  ProbeWorld world(kNoFloor);
  world.set({ProbeWorld::candidate("n1", 90, seldom)}, false, "other");
  world.set({ProbeWorld::candidate("n2", 80)});
  while (world.asked == 0 || !world.places.contains("n1:90")) world.run(milliseconds(10));
  SUBCASE("a new one") {
    world.set({ProbeWorld::candidate("n1", 70)}, false, "fresh");
    world.run(seconds(2));
    CHECK(world.places.contains("n1:70"));
  }
  SUBCASE("itself, with another interval") {
    world.set({ProbeWorld::candidate("n1", 90)}, false, "other");
    world.asked = 0;
    world.places.clear();
    world.run(seconds(2));
    CHECK(world.places.contains("n1:90"));
  }
}

TEST_CASE("admission: one that was let in without an answer is known to answer within a second, at first") {
  ProbeWorld world;
  world.set({ProbeWorld::candidate("n1", 80)});
  world.run(seconds(3));
  world.at("n2", 80) = Does::refuses;
  world.set({ProbeWorld::candidate("n1", 80), ProbeWorld::candidate("n2", 80)});
  world.run(seconds(9));
  CHECK(world.in("n2", 80));
  CHECK(world.machine.unproven("web", "n2", "n2:80"));
  world.at("n2", 80) = Does::answers;
  world.run(seconds(1));
  CHECK_FALSE(world.machine.unproven("web", "n2", "n2:80"));
  CHECK_FALSE(world.machine.unproven("web", "n1", "n1:80"));
  CHECK_FALSE(world.machine.unproven("web", "n9", "n9:80"));
}
