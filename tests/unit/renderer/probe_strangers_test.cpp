// Those that never answer beside those that do, and rings in which nobody is to be asked.
#include <doctest/doctest.h>

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
