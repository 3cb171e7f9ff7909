// Laws of the plan, on seeded random worlds, and rows of single differences.
#include <doctest/doctest.h>

#include "agent/core/diff.h"
#include "common/policy/random.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

namespace {

const Identity kIdentity{"me", {}, "host", ""};

template <class T>
T pick(policy::Random& random, std::initializer_list<T> values) {
  return *(values.begin() + random.next() % values.size());
}

consul::Registration random_service(policy::Random& random, const std::string& id) {
  consul::Registration service;
  service.id = id;
  service.name = pick<std::string>(random, {"web", "shop"});
  service.address = pick<std::string>(random, {"", "10.0.0.1", "10.0.0.2"});
  service.port = pick<std::uint16_t>(random, {80, 81});
  service.tags = pick<std::vector<std::string>>(random, {{}, {"a"}, {"a", "b"}, {"b", "a"}});
  service.meta = {{"longshore-owner", "me"}, {"longshore-container", pick<std::string>(random, {"c1", "c2", "c3"})}};
  if (random.next() % 2 == 0) service.meta["longshore-checks"] = pick<std::string>(random, {"1", "2"});
  return service;
}

std::string random_id(policy::Random& random) {
  return pick<std::string>(random, {"host:a:80", "host:b:80", "host:b:53:udp", "other:a:80", "mine", "yours", "x:y"});
}

struct World {
  DesiredServices desired;
  ActualServices actual;
  std::map<std::string, Fate> fate;
};

World random_world(policy::Random& random) {
  World world;
  for (std::uint64_t i = random.next() % 5; i > 0; --i) {
    const std::string id = random_id(random);
    world.desired[id] = random_service(random, id);
  }
  for (std::uint64_t i = random.next() % 7; i > 0; --i) {
    const std::string id = random_id(random);
    consul::Service service = as_registered(random_service(random, id));
    if (random.next() % 3 == 0) service.meta["longshore-owner"] = "somebody";
    if (random.next() % 4 == 0) service.meta.clear();
    service.tagged_addresses["lan_ipv4"] = {"10.0.0.1", 80};  // as the agent does
    world.actual[id] = std::move(service);
  }
  for (const char* container : {"c1", "c2", "c3", "a", "b"})
    world.fate[container] = pick(random, {Fate::gone, Fate::running, Fate::undecided});
  return world;
}

ActualServices apply(const std::vector<Step>& steps, const World& world) {
  ActualServices out = world.actual;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::deregister)
      out.erase(step.id);
    else
      out[step.id] = as_registered(world.desired.at(step.id));
  }
  return out;
}

}  // namespace

TEST_CASE("laws of the plan") {
  policy::Random random(20240501);
  for (int round = 0; round < 20'000; ++round) {
    CAPTURE(round);
    const World world = random_world(random);
    for (const bool cleanup : {false, true}) {
      const std::vector<Step> steps = plan(world.desired, world.actual, world.fate, kIdentity, cleanup);
      bool touches_only_ours = true;
      bool registers_first = true;
      bool removed = false;
      for (const Step& step : steps) {
        const bool removes = step.kind == Step::Kind::deregister;
        if (removes) {
          const Belongs belongs = whose(world.actual.at(step.id), kIdentity);
          touches_only_ours &= !world.desired.contains(step.id) &&
                               (belongs == Belongs::ours || (cleanup && belongs == Belongs::classic));
        } else {
          touches_only_ours &= world.desired.contains(step.id);
          registers_first &= !removed;
        }
        removed |= removes;
        REQUIRE_FALSE(step.reason.empty());
      }
      REQUIRE(touches_only_ours);
      REQUIRE(registers_first);
      // Reconciling twice changes nothing.
      const ActualServices after = apply(steps, world);
      REQUIRE(plan(world.desired, after, world.fate, kIdentity, cleanup).empty());
      // What is wanted is there.
      for (const auto& [id, service] : world.desired) REQUIRE(difference(service, after.at(id)).empty());
    }
  }
}

TEST_CASE("single differences and their reasons") {
  consul::Registration wanted;
  wanted.id = "x";
  wanted.name = "web";
  wanted.address = "10.0.0.1";
  wanted.port = 80;
  wanted.tags = {"a", "b"};
  wanted.meta = {{"longshore-owner", "me"}, {"longshore-checks", "1"}, {"host", "h"}};
  const auto why = [&](auto change) {
    consul::Service actual = as_registered(wanted);
    change(actual);
    return difference(wanted, actual);
  };
  using S = consul::Service;
  CHECK(why([](S&) {}) == "");
  CHECK(why([](S& s) { s.tags = {"b", "a"}; }) == "");
  CHECK(why([](S& s) { s.weights = {5, 5}; }) == "");
  CHECK(why([](S& s) { s.tagged_addresses["wan_ipv4"] = {"1.1.1.1", 80}; }) == "");
  CHECK(why([](S& s) { s.name = "shop"; }) == "name shop -> web");
  CHECK(why([](S& s) { s.address = ""; }) == "address \"\" -> 10.0.0.1");
  CHECK(why([](S& s) { s.port = 81; }) == "port 81 -> 80");
  CHECK(why([](S& s) { s.tags = {"a"}; }) == "tags changed");
  CHECK(why([](S& s) { s.tags = {"a", "b", "b"}; }) == "tags changed");
  CHECK(why([](S& s) { s.enable_tag_override = true; }) == "tag override changed");
  CHECK(why([](S& s) { s.meta.erase("longshore-owner"); }) == "adopted");
  CHECK(why([](S& s) { s.meta["longshore-owner"] = "you"; }) == "taken over from another owner");
  CHECK(why([](S& s) { s.meta["longshore-checks"] = "2"; }) == "checks changed");
  CHECK(why([](S& s) { s.meta["host"] = "i"; }) == "meta host changed");
  CHECK(why([](S& s) { s.meta["path"] = "/"; }) == "meta path is not asked for any more");
  wanted.enable_tag_override = true;
  CHECK(why([](S& s) { s.tags = {"others", "own"}; }) == "");
}

TEST_CASE("checks are replaced exactly when others may be there") {
  consul::Registration wanted;
  wanted.id = "x";
  wanted.meta = {{"longshore-owner", "me"}, {"longshore-checks", "1"}};
  const auto replaces = [&](consul::StringMap meta) {
    consul::Service actual;
    actual.id = "x";
    actual.name = "other";
    actual.meta = std::move(meta);
    return decide("x", {&wanted, &actual, Fate::running}, kIdentity, false)->replace_checks;
  };
  CHECK_FALSE(replaces({{"longshore-owner", "me"}, {"longshore-checks", "1"}}));
  CHECK(replaces({{"longshore-owner", "me"}, {"longshore-checks", "2"}}));
  CHECK(replaces({{"longshore-owner", "me"}}));
  CHECK(replaces({}));
  CHECK_FALSE(decide("x", {&wanted, nullptr, Fate::running}, kIdentity, false)->replace_checks);
}

TEST_CASE("classic IDs") {
  CHECK(parse_classic_id("host:web:80") == ClassicId{"host", "web", 80, false});
  CHECK(parse_classic_id("host:web:53:udp") == ClassicId{"host", "web", 53, true});
  for (const char* no : {"", "web", "host:web", "host:web:x", "host:web:80:tcp", ":web:80", "host::80",
                         "host:web:70000", "a:b:c:80", "host:web:80:udp:x"})
    CHECK_FALSE_MESSAGE(parse_classic_id(no), no);
}
