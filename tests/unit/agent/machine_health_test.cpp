// Dialogues: checks that the agent feeds, and which checks have to go when a service is written.
#include <doctest/doctest.h>

#include "agent/core/life_checks.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

docker::Container with_health(docker::Health health) {
  docker::Container out = web("one", 'a', 8080);
  out.has_healthcheck = true;
  out.state.health = health;
  return out;
}

std::vector<std::string> feeds(const Lines& lines) {
  std::vector<std::string> out;
  for (const std::string& line : lines)
    if (line.starts_with("feed ")) out.push_back(line);
  return out;
}

}  // namespace

TEST_CASE("HEALTHCHECK: starting, healthy, unhealthy, paused") {
  Talk talk;
  talk.sync({});
  talk.event("start", 'a');
  CHECK(talk.inspected(with_health(docker::Health::starting)) == Lines{"register host:one:80"});
  REQUIRE(talk.last_registration().checks.size() == 1);
  const consul::CheckDefinition& check = talk.last_registration().checks[0];
  CHECK(check.check_id == "longshore-health:host:one:80");
  CHECK(check.status == "critical");
  CHECK(feeds(talk.registered("host:one:80")) == Lines{"feed longshore-health:host:one:80: critical starting"});
  CHECK(talk.fed("longshore-health:host:one:80") == Lines{});
  talk.event("health_status: healthy", 'a');
  CHECK(talk.inspected(with_health(docker::Health::healthy)) ==
        Lines{"feed longshore-health:host:one:80: passing healthy"});
  talk.fed("longshore-health:host:one:80");
  talk.event("health_status: unhealthy", 'a');
  CHECK(talk.inspected(with_health(docker::Health::unhealthy)) ==
        Lines{"feed longshore-health:host:one:80: critical unhealthy"});
  talk.fed("longshore-health:host:one:80");
  docker::Container paused = with_health(docker::Health::healthy);
  paused.state.paused = true;
  talk.event("pause", 'a');
  CHECK(talk.inspected(paused) == Lines{"feed longshore-health:host:one:80: critical paused"});
}

TEST_CASE("health is no reason to write the service again; a change while a heartbeat is under way is not lost") {
  Talk talk;
  talk.sync({with_health(docker::Health::starting)});
  talk.event("health_status: healthy", 'a');
  CHECK(talk.inspected(with_health(docker::Health::healthy)).size() == 1);
  talk.event("health_status: unhealthy", 'a');
  CHECK(talk.inspected(with_health(docker::Health::unhealthy)) == Lines{});  // one at a time
  CHECK(talk.fed("longshore-health:host:one:80") == Lines{"feed longshore-health:host:one:80: critical unhealthy"});
}

TEST_CASE("no HEALTHCHECK, -docker-health=false, the compatibility name: no check") {
  AgentOptions options;
  docker::Container one = with_health(docker::Health::healthy);
  SUBCASE("none") {
    one.has_healthcheck = false;
  }
  SUBCASE("switched off") {
    options.docker_health = false;
  }
  SUBCASE("compatible") {
    options.compatible = true;
  }
  Talk talk(options);
  talk.sync({one});
  CHECK(talk.last_registration().checks.empty());
}

TEST_CASE("SERVICE_CHECK_TTL: a heartbeat before half of the TTL is over, again and again") {
  docker::Container one = web("one", 'a', 8080);
  one.env = {"SERVICE_CHECK_TTL=30s"};
  Talk talk;
  talk.sync({one});
  base::TimePoint last = talk.now();
  int beats = 0;
  for (int i = 0; i < 60; ++i) {
    const Lines lines = talk.wait(seconds(1));
    talk.answer_reads(lines);
    if (feeds(lines).empty()) continue;
    CHECK(feeds(lines) == Lines{"feed service:host:one:80: passing running"});
    CHECK(talk.now() - last <= seconds(15));
    last = talk.now();
    ++beats;
    talk.settle();
  }
  CHECK(beats >= 5);
}

TEST_CASE("the agent does not know the check any more: the service is written again") {
  docker::Container one = web("one", 'a', 8080);
  one.env = {"SERVICE_CHECK_TTL=30s"};
  Talk talk;
  talk.sync({one});
  const Lines lines = talk.until("feed service:host:one:80: passing running");
  REQUIRE_FALSE(lines.empty());
  CHECK(talk.fed("service:host:one:80", fail(Errc::not_found, "500: no such check")) == Lines{"register host:one:80"});
  CHECK(talk.last_replaced());
}

TEST_CASE("the lease") {
  AgentOptions options;
  options.lease = seconds(15);
  Talk talk(options);
  talk.sync({web("one", 'a', 8080)});
  REQUIRE(talk.last_registration().checks.size() == 1);
  const consul::CheckDefinition& check = talk.last_registration().checks[0];
  CHECK(check.check_id == "longshore-lease:host:one:80");
  CHECK(check.ttl == seconds(15));
  CHECK(check.deregister_critical_after == std::chrono::minutes(1));
  CHECK_FALSE(talk.until("feed longshore-lease:host:one:80: passing the container runs").empty());
  docker::Container own = web("one", 'a', 8080);
  own.labels = {{"SERVICE_LEASE", "off"}};
  Talk without(options);
  without.sync({own});
  CHECK(without.last_registration().checks.empty());
}

TEST_CASE("check IDs are Consul's") {
  consul::Registration service;
  service.id = "x";
  consul::CheckDefinition check;
  check.ttl = seconds(1);
  service.checks = {check};
  CHECK(check_ids(service) == std::vector<std::string>{"service:x"});
  consul::CheckDefinition named = check;
  named.check_id = "mine";
  service.checks = {check, named, check};
  CHECK(check_ids(service) == std::vector<std::string>{"service:x:1", "mine", "service:x:3"});
}

TEST_CASE("which checks have to go: never maintenance; those of another kind before, superfluous ones after") {
  consul::Registration service;
  service.id = "x";
  consul::CheckDefinition ttl;
  ttl.ttl = seconds(30);
  service.checks = {ttl};
  const auto present = [](std::string id, std::string type, std::string of = "x") {
    consul::HealthCheck check;
    check.check_id = id;
    check.type = std::move(type);
    check.service_id = std::move(of);
    return std::pair<const std::string, consul::HealthCheck>(id, check);
  };
  const StaleChecks stale =
      stale_checks(service, {present("service:x", "http"), present("service:x:2", "tcp"),
                             present("_service_maintenance:x", "maintenance"), present("other", "ttl", "y")});
  CHECK(stale.before == std::vector<std::string>{"service:x"});
  CHECK(stale.after == std::vector<std::string>{"service:x:2"});
  CHECK(stale_checks(service, {present("service:x", "ttl")}).before.empty());
}
