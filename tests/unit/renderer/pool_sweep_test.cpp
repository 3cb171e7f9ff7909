// Whom a sweep asks.
#include <doctest/doctest.h>

#include "renderer/watch/pool.h"
#include "tests/unit/renderer/model_consul.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::ModelConsul;

namespace {

// Answers whatever can be answered, in order.
struct World {
  struct Open {
    Ask ask;
    bool arrived = false;
    std::uint64_t mark = 0;
  };

  explicit World(PoolSettings settings) : pool(settings) {}

  void watch(int services) {
    for (int i = 0; i < services; ++i) obey(pool.start({.name = "svc" + std::to_string(i)}, now));
    settle();
  }
  void obey(const pool::Actions& actions) {
    for (const pool::Action& action : actions) {
      if (const auto* start = std::get_if<pool::Start>(&action)) open[start->ask.id] = {start->ask};
      if (const auto* cancel = std::get_if<pool::Cancel>(&action)) open.erase(cancel->id);
    }
  }
  void deliver(std::uint64_t id, const ModelConsul::Answer& answer) {
    const Ask::Kind kind = open.at(id).ask.kind;
    open.erase(id);
    now += std::chrono::milliseconds(1);
    if (kind == Ask::Kind::probes)
      obey(pool.probed(id, answer.indexes, now));
    else
      obey(pool.answered(id, answer.index, true, answer.marks, now));
  }
  bool serve_one() {
    for (auto& [id, asked] : open) {
      const bool first = !std::exchange(asked.arrived, true);
      if (!first && !consul.wakes(asked.ask, asked.mark)) continue;
      asked.mark = consul.now();
      if (const auto answer = consul.answer(asked.ask, first)) return deliver(id, *answer), true;
    }
    return false;
  }
  void settle() {
    for (int quiet = 0; quiet < 5;) {
      if (serve_one()) continue;
      now += std::chrono::seconds(1);
      obey(pool.tick(now));
      ++quiet;
    }
  }
  // Its wait is over: the index is that of all nodes.
  void end_wait_of(const std::string& node) {
    for (const auto& [id, asked] : open) {
      if (asked.ask.kind != Ask::Kind::node_wake || asked.ask.on.name != node) continue;
      const auto answer = consul.answer(asked.ask, false);
      REQUIRE(answer);
      return deliver(id, *answer);
    }
    FAIL("nobody waits for " << node);
  }

  ModelConsul consul;
  WatchPool pool;
  base::TimePoint now{std::chrono::hours(1)};
  std::map<std::uint64_t, Open> open;
};

void change_all(World& world, int services, int round) {
  for (int i = 0; i < services; ++i) {
    world.consul.put("svc" + std::to_string(i), "n0", "v" + std::to_string(round));
    world.settle();
  }
}

}  // namespace

TEST_CASE("sweeps: a node's list is no reason to ask for services that show none on it") {
  constexpr int kServices = 40;
  World world({.parked = 22});
  for (int i = 0; i < kServices; ++i)
    for (const char* node : {"n0", "n1"}) world.consul.put("svc" + std::to_string(i), node, "v0");
  world.consul.put("svc0", "quiet", "v0");
  world.watch(kServices);
  REQUIRE(world.pool.how(world.pool.entries().at({.name = "svc7"})).starts_with("lists of 3 nodes"));
  change_all(world, kServices, 1);
  const std::uint64_t before = world.pool.probes();
  SUBCASE("one that has hardly any") {
    world.end_wait_of("quiet");
    world.settle();
    CHECK(world.pool.probes() - before <= 1);
  }
  SUBCASE("one that all of them are on") {
    world.end_wait_of("n1");
    world.settle();
    CHECK(world.pool.probes() - before > 10);
  }
}

TEST_CASE("sweeps: beside the list of everything only those are probed that have changed before") {
  constexpr int kServices = 60, kNodes = 30;
  World world({.parked = 16, .prints_from = 12});
  for (int i = 0; i < kServices; ++i)
    for (int node = 0; node < kNodes; node += 3)
      world.consul.put("svc" + std::to_string(i), "n" + std::to_string(node), "v0");
  world.watch(kServices);
  std::uint64_t probes = world.pool.probes();
  std::uint64_t prints = world.pool.prints();
  world.consul.put("svc7", "n0", "v1");
  world.settle();
  CHECK(world.pool.prints() > prints);
  CHECK(world.pool.probes() == probes);
  change_all(world, kServices, 2);
  probes = world.pool.probes();
  world.consul.put("svc7", "n0", "v3");
  world.settle();
  CHECK(world.pool.probes() >= probes + 8);
}
