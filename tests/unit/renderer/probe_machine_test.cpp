#include "renderer/probe/machine.h"

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

ProbeCandidate one(const std::string& node, int port, ProbeSpec spec = {}) {
  return ProbeWorld::candidate(node, port, std::move(spec));
}

}  // namespace

TEST_CASE("probes: a frozen instance is out within two seconds, and back within two after it answers") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    ProbeMachine::Settings settings;
    settings.seed = seed;
    ProbeWorld world(settings);
    world.set({one("n1", 80), one("n2", 80)});
    world.run(seconds(5) + milliseconds(37 * seed));
    world.at("n2", 80) = Does::hangs;
    CHECK(world.until("n2", 80, Verdict::out, seconds(10)) < milliseconds(1800));
    CHECK(world.in("n1", 80));
    CHECK(world.said("instance_ejected n2:80") == 1);
    world.run(seconds(seed));
    world.at("n2", 80) = Does::answers;
    CHECK(world.until("n2", 80, Verdict::in, seconds(20)) < milliseconds(2000));
    world.run(seconds(10));
    CHECK(world.said("instance_ejected n2:80") == 1);
    CHECK(world.said("instance_taken_back n2:80") == 1);
  }
}

TEST_CASE("probes: one that was out for long is back within ten seconds") {
  ProbeWorld world;
  world.set({one("n1", 80), one("n2", 80)});
  world.run(seconds(3));
  world.at("n2", 80) = Does::hangs;
  world.run(minutes(10));
  CHECK_FALSE(world.in("n2", 80));
  world.at("n2", 80) = Does::answers;
  CHECK(world.until("n2", 80, Verdict::in, seconds(20)) < seconds(10));
}

TEST_CASE("probes: one slow answer takes nobody out") {
  ProbeWorld world;
  world.set({one("n1", 80), one("n2", 80)});
  world.run(seconds(3));
  for (int round = 0; round < 20; ++round) {
    world.at("n2", 80) = Does::hangs;
    world.run(milliseconds(300));
    world.at("n2", 80) = Does::answers;
    world.run(seconds(2));
  }
  CHECK(world.machine.counters().ejected == 0);
}

TEST_CASE("probes: the last one stays, whatever probes say") {
  ProbeWorld world;
  world.set({one("n1", 80), one("n2", 80)});
  world.set({one("n3", 90)}, false, "other");
  world.run(seconds(3));
  world.at("n1", 80) = world.at("n2", 80) = Does::hangs;
  world.run(seconds(10));
  CHECK(world.in("n1", 80) + world.in("n2", 80) == 1);
  CHECK(world.machine.counters().kept_by_floor == 1);
  const auto views = world.machine.remarkable();
  REQUIRE(views.size() == 2);
  CHECK((views[0].reason == "silent, kept by the floor") != (views[1].reason == "silent, kept by the floor"));
  world.at("n1", 80) = world.at("n2", 80) = Does::answers;
  world.run(seconds(3));
  CHECK(world.in("n1", 80));
  CHECK(world.in("n2", 80));
  CHECK(world.machine.remarkable().empty());
}

TEST_CASE("probes: who is alone and stays anyway is asked seldom, until there is another one") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    ProbeMachine::Settings settings;
    settings.seed = seed;
    ProbeWorld world(settings);
    world.set({one("n1", 80)});
    world.run(seconds(10));
    const std::size_t before = world.asked;
    world.run(minutes(1));
    CHECK(world.asked - before >= 10);
    CHECK(world.asked - before <= 18);
    world.set({one("n1", 80), one("n2", 80)});
    world.run(seconds(1));
    world.at("n1", 80) = Does::hangs;
    CHECK(world.until("n1", 80, Verdict::out, seconds(10)) < milliseconds(1800));
  }
}

TEST_CASE("probes: the floor in percent") {
  ProbeMachine::Settings settings;
  settings.percent = 50;
  ProbeWorld world(settings);
  std::vector<ProbeCandidate> all;
  for (int port = 1; port <= 5; ++port) all.push_back(one("n" + std::to_string(port), port));
  world.set(all);
  world.run(seconds(3));
  for (int port = 1; port <= 4; ++port) world.at("n" + std::to_string(port), port) = Does::refuses;
  world.run(seconds(10));
  int in = 0;
  for (int port = 1; port <= 5; ++port) in += world.in("n" + std::to_string(port), port);
  CHECK(in == 3);
}

TEST_CASE("probes: when nobody at all answers it may be us") {
  ProbeWorld world;
  world.set({one("n1", 80), one("n2", 80), one("n3", 80)});
  world.run(seconds(3));
  for (const char* node : {"n1", "n2", "n3"}) world.at(node, 80) = Does::hangs;
  world.run(seconds(30));
  CHECK(world.machine.counters().ejected == 0);
  world.at("n1", 80) = Does::answers;
  world.run(seconds(5));
  CHECK(world.machine.counters().ejected == 2);
}

TEST_CASE("probes: we slept, not they") {
  ProbeWorld world;
  world.set({one("n1", 80), one("n2", 80)});
  world.run(seconds(3));
  for (int round = 0; round < 30; ++round) {
    world.at("n1", 80) = world.at("n2", 80) = Does::hangs;
    world.run(milliseconds(120));
    // Everything that was out is told as silent, late.
    world.now += seconds(30);
    world.at("n1", 80) = world.at("n2", 80) = Does::answers;
    world.run(milliseconds(700));
  }
  CHECK(world.machine.counters().ejected == 0);
}

TEST_CASE("probes: a probe that fits nobody changes nothing") {
  SUBCASE("closed by all: another protocol, connections count from then on") {
    ProbeWorld world;
    for (const char* node : {"n1", "n2"}) world.at(node, 5432) = Does::closes;
    world.set({one("n1", 5432), one("n2", 5432)});
    world.run(seconds(10));
    CHECK(world.machine.counters().ejected == 0);
    CHECK(world.said("probe_fallback") == 1);
    CHECK(world.machine.tcp_only() == std::vector<std::string>{"web"});
    world.at("n1", 5432) = Does::refuses;
    CHECK(world.until("n1", 5432, Verdict::out, seconds(10)) < seconds(2));
    // Once they speak HTTP, that is found out.
    world.at("n2", 5432) = world.at("n1", 5432) = Does::answers;
    world.run(seconds(40));
    CHECK(world.machine.tcp_only().empty());
  }
  SUBCASE("addresses that nobody has: all stay, and are asked seldom") {
    ProbeWorld world;
    std::vector<ProbeCandidate> all;
    for (int port = 1; port <= 50; ++port) {
      all.push_back(one("n" + std::to_string(port), port));
      world.at("n" + std::to_string(port), port) = Does::refuses;
    }
    world.set(all);
    world.run(seconds(20));
    world.asked = 0;
    world.run(seconds(20));
    CHECK(world.machine.counters().ejected == 0);
    CHECK(world.asked < 50 * 5);
  }
  SUBCASE("a stated mode does not fall back") {
    ProbeSpec spec;
    spec.mode = ProbeSpec::Mode::http;
    spec.stated = true;
    ProbeWorld world;
    for (const char* node : {"n1", "n2"}) world.at(node, 80) = Does::accepts;
    world.set({one("n1", 80, spec), one("n2", 80, spec)});
    world.run(seconds(20));
    CHECK(world.machine.counters().fallbacks == 0);
  }
}

TEST_CASE("admission: a new instance waits for its first answer") {
  ProbeWorld world;
  world.set({one("n1", 80)});
  CHECK(world.in("n1", 80));
  world.run(seconds(2));
  SUBCASE("it answers: in after one round trip") {
    world.set({one("n1", 80), one("n2", 80)});
    CHECK(world.verdict("n2", 80) == Verdict::waiting);
    CHECK(world.until("n2", 80, Verdict::in, seconds(5)) <= milliseconds(5));
  }
  SUBCASE("it listens a second later: in within 25 ms of that") {
    world.at("n2", 80) = Does::refuses;
    world.set({one("n1", 80), one("n2", 80)});
    world.run(seconds(1));
    CHECK(world.verdict("n2", 80) == Verdict::waiting);
    world.at("n2", 80) = Does::answers;
    CHECK(world.until("n2", 80, Verdict::in, seconds(5)) <= milliseconds(30));
  }
  SUBCASE("what it was asked first gets lost: in after a tenth of a second, not after a lost SYN's second") {
    world.at("n2", 80) = Does::hangs;
    world.set({one("n1", 80), one("n2", 80)});
    world.run(milliseconds(50));
    world.at("n2", 80) = Does::answers;
    CHECK(world.until("n2", 80, Verdict::in, seconds(5)) <= milliseconds(60));
  }
  SUBCASE("it never answers: in after five seconds, and stays") {
    SUBCASE("refuses") {
      world.at("n2", 80) = Does::refuses;
    }
    SUBCASE("closes, as Docker's proxy does") {
      world.at("n2", 80) = Does::closes;
    }
    SUBCASE("hangs") {
      world.at("n2", 80) = Does::hangs;
    }
    world.set({one("n1", 80), one("n2", 80)});
    const auto took = world.until("n2", 80, Verdict::in, seconds(20));
    CHECK(took >= milliseconds(4990));
    CHECK(took <= milliseconds(5010));
    CHECK(world.said("instance_admitted_unproven n2:80") == 1);
    world.run(seconds(30));
    CHECK(world.in("n2", 80));
    CHECK(world.machine.counters().ejected == 0);
  }
  SUBCASE("switched off") {
    ProbeSpec spec;
    spec.admission = {};
    world.at("n2", 80) = Does::refuses;
    world.set({one("n1", 80), one("n2", 80, spec)});
    CHECK(world.in("n2", 80));
  }
}

TEST_CASE("admission: who is not made to wait") {
  ProbeWorld world;
  world.at("n1", 80) = world.at("n2", 80) = Does::refuses;
  SUBCASE("the first instances of a service that others registered") {
    world.set({one("n1", 80)});
    CHECK(world.in("n1", 80));
    world.run(seconds(1));
    world.set({one("n1", 80), one("n2", 80)});
    CHECK(world.in("n2", 80));
  }
  SUBCASE("what was there when we came") {
    ProbeCandidate ours = one("n1", 80);
    ours.ours = true;
    world.set({ours});
    CHECK(world.in("n1", 80));
  }
  SUBCASE("but the first container of our agent is") {
    ProbeCandidate ours = one("n1", 80);
    ours.ours = true;
    world.set({ours}, true);
    CHECK(world.verdict("n1", 80) == Verdict::waiting);
  }
}

TEST_CASE("probes: a dead node takes its instances along, however many") {
  ProbeWorld world;
  std::vector<ProbeCandidate> all;
  for (int port = 1; port <= 400; ++port) {
    all.push_back(one("n1", port));
    all.push_back(one("n2", port));
  }
  world.set(all);
  world.run(seconds(60));
  for (int port = 1; port <= 400; ++port) world.at("n2", port) = Does::hangs;
  world.run(seconds(2));
  int out = 0;
  for (int port = 1; port <= 400; ++port) {
    out += !world.in("n2", port);
    CHECK(world.in("n1", port));
  }
  CHECK(out == 400);
  CHECK(world.most_in_flight <= 128);
  for (int port = 1; port <= 400; ++port) world.at("n2", port) = Does::answers;
  world.run(seconds(8));
  for (int port = 1; port <= 400; ++port) CHECK(world.in("n2", port));
}

TEST_CASE("probes: a dead container does not take its node along") {
  ProbeWorld world;
  world.set({one("n1", 1), one("n1", 2), one("n1", 3), one("n1", 4), one("n1", 5)});
  world.run(seconds(3));
  for (int port = 1; port <= 3; ++port) world.at("n1", port) = Does::hangs;
  world.run(seconds(3));
  for (int port = 1; port <= 5; ++port) CHECK(world.in("n1", port) == (port > 3));
}

TEST_CASE("probes: the cost is bounded") {
  ProbeWorld world;
  std::vector<ProbeCandidate> all;
  for (int node = 1; node <= 100; ++node)
    for (int port = 1; port <= 100; ++port) all.push_back(one("n" + std::to_string(node), port));
  world.set(all);
  world.run(seconds(10));
  CHECK(world.asked < 10 * 400 + 400);
  CHECK(world.asked > 10 * 90);
}

TEST_CASE("doubted: no floor and no second chance for one that refuses") {
  ProbeWorld world;
  world.set({one("n1", 80), one("n2", 80)});
  world.run(seconds(3));
  ProbeCandidate first = one("n1", 80), second = one("n2", 80);
  first.doubted = second.doubted = true;
  world.at("n1", 80) = Does::refuses;
  world.at("n2", 80) = Does::hangs;
  world.set({first, second});
  world.run(milliseconds(20));
  CHECK_FALSE(world.in("n1", 80));
  CHECK(world.in("n2", 80));
  world.run(seconds(2));
  CHECK_FALSE(world.in("n2", 80));
}

TEST_CASE("law: never below the floor, and whoever answers for long enough is in traffic") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    policy::Random random(seed);
    ProbeMachine::Settings settings;
    settings.seed = seed;
    settings.least = 1 + static_cast<int>(random.next() % 3);
    ProbeWorld world(settings);
    const int nodes = 2 + static_cast<int>(random.next() % 4);
    std::vector<ProbeCandidate> all;
    for (int node = 1; node <= nodes; ++node)
      for (int port = 1; port <= 1 + static_cast<int>(random.next() % 4); ++port)
        all.push_back(one("n" + std::to_string(node), port));
    world.set(all);
    world.run(seconds(4));
    for (int round = 0; round < 60; ++round) {
      const ProbeCandidate& chosen = all[random.next() % all.size()];
      world.does[chosen.address + ":" + std::to_string(chosen.port)] = static_cast<Does>(random.next() % 6);
      world.run(milliseconds(random.next() % 1500));
      int in = 0;
      for (const ProbeCandidate& each : all) in += world.in(each.address, each.port);
      REQUIRE(in >= std::min<int>(settings.least, static_cast<int>(all.size())));
      REQUIRE(world.machine.in_flight() <= settings.at_once);
    }
    for (auto& [place, does] : world.does) does = Does::answers;
    world.run(seconds(12));
    for (const ProbeCandidate& each : all) REQUIRE(world.in(each.address, each.port));
  }
}

TEST_CASE("probes: what nobody can ask is asked less and less, until one of it answers") {
  ProbeWorld world;
  std::vector<ProbeCandidate> all;
  for (int port = 1; port <= 100; ++port) {
    all.push_back(one("n" + std::to_string(port % 4), port));
    world.at("n" + std::to_string(port % 4), port) = Does::refuses;
  }
  world.set(all);
  world.run(std::chrono::hours(3));
  for (const ProbeCandidate& candidate : all) CHECK(world.in(candidate.node, candidate.port));
  const std::size_t before = world.asked;
  world.run(std::chrono::hours(1));
  // Three questions each at a time, every half an hour.
  CHECK(world.asked - before <= 100 * 3 * 3);
  // One answers when its turn comes; from then on all are asked as ever, and those that stay silent go.
  for (int port = 2; port <= 100; ++port) world.at("n" + std::to_string(port % 4), port) = Does::answers;
  world.run(minutes(40));
  const std::size_t then = world.asked;
  world.run(minutes(1));
  CHECK(world.asked - then > 1000);
  CHECK_FALSE(world.in("n1", 1));
  CHECK(world.in("n2", 2));
}
