#include <doctest/doctest.h>

#include "tests/integration/agent/stage.h"

using namespace longshore;
using namespace longshore::agent::test;

namespace {

std::string id_of(int number) {
  return "host:c" + std::to_string(number) + ":80";
}

}  // namespace

TEST_CASE("from nothing to registered, through start and stop events") {
  Stage stage;
  stage.docker.put(one(1));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  auto services = stage.services();
  REQUIRE(services.size() == 1);
  CHECK(services[id_of(1)]["Address"] == "172.17.0.3");
  CHECK(services[id_of(1)]["Port"] == 80);
  CHECK(services[id_of(1)]["Meta"]["longshore-owner"] == "node/ENGINE/nonce");

  stage.docker.run(one(2));
  REQUIRE(stage.until([&] { return stage.count() == 2; }));
  stage.docker.kill(fake_id(1));
  REQUIRE(stage.until([&] { return stage.count() == 1; }));
  CHECK(stage.services().contains(id_of(2)));
  // The note was there first and stays for a while.
  const std::string note = stage.get("/v1/kv/longshore/withdrawn/node/" + id_of(1) + "?raw");
  REQUIRE_FALSE(note.empty());
  const auto value = nlohmann::json::parse(note);
  CHECK(value["version"] == 1);
  CHECK(value["id"] == id_of(1));
  CHECK(value["reason"] == "its container does not run");
  // It goes when the instance returns.
  stage.docker.run(one(1));
  REQUIRE(stage.until([&] { return stage.count() == 2; }));
  CHECK(stage.until([&] { return stage.get("/v1/kv/longshore/withdrawn/node/" + id_of(1)).empty(); }));

  CHECK(stage.stop_agent() == 0);
  CHECK(stage.count() == 2);  // entries stay
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(stage.metric("longshore_agent_registrations_total") == 0);  // nothing to write
  CHECK(stage.docker.writes() == 0);
}

TEST_CASE("200 containers started and killed at once: none missed, none stale") {
  Stage stage;
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    for (int i = 0; i < 200; ++i) stage.docker.run(one(i));
    REQUIRE(stage.until([&] { return stage.count() == 200; }));
    for (int i = 0; i < 200; ++i) stage.docker.kill(fake_id(i));
    REQUIRE(stage.until([&] { return stage.count() == 0; }));
  }
}

TEST_CASE("events are only hints: garbage, halves and duplicates change nothing") {
  Stage stage;
  stage.docker.put(one(1));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  stage.docker.send_raw("garbage\n{\"Type\":\"container\"}\n\n[1,2]\n\xFF\xFE\n{\"Type\":\"contai");
  stage.docker.send_raw("ner\",\"Action\":\"start\",\"Actor\":{\"ID\":\"" + fake_id(2) + "\"}}\n");
  // It names a container that does not exist; the next one does.
  stage.docker.run(one(3));
  stage.docker.send_raw("{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"" + fake_id(3) + "\"}}\n");
  REQUIRE(stage.until([&] { return stage.services().contains(id_of(3)); }));
  CHECK(stage.count() == 2);
  CHECK(stage.metric("longshore_agent_registrations_total") == 2);
}

TEST_CASE("Docker goes away and comes back with other containers") {
  Stage stage;
  stage.docker.put(one(1));
  stage.docker.put(one(2));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  stage.docker.stop();
  REQUIRE(stage.until([&] { return !stage.ready(); }));
  CHECK(stage.why().starts_with("Docker: "));
  CHECK(stage.count() == 2);  // an outage removes nothing
  stage.docker.remove(fake_id(1));
  stage.docker.put(one(3));
  stage.docker.start();
  REQUIRE(stage.until([&] { return stage.ready() && stage.services().contains(id_of(3)); }));
  CHECK(stage.until([&] { return !stage.services().contains(id_of(1)); }));
  CHECK(stage.services().contains(id_of(2)));
}

TEST_CASE("the event stream ends: what happened meanwhile is found by the list") {
  Stage stage;
  stage.docker.put(one(1));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  stage.docker.remove(fake_id(1));
  stage.docker.put(one(2));
  stage.docker.end_streams();
  REQUIRE(stage.until([&] { return stage.services().contains(id_of(2)) && stage.count() == 1; }));
}

TEST_CASE("the registry comes back empty: everything is there again within seconds") {
  Stage stage;
  for (int i = 0; i < 5; ++i) stage.docker.put(one(i));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready() && stage.count() == 5; }));
  stage.stop_registry();
  stage.start_registry();
  REQUIRE(stage.until([&] { return stage.count() == 5; }));
  SUBCASE("away for longer, with a change meanwhile") {
    stage.stop_registry();
    stage.docker.run(one(6));
    stage.docker.kill(fake_id(0));
    // It may say for a moment that it waits; then it says for what.
    REQUIRE(stage.until([&] { return !stage.ready() && stage.why().starts_with("Consul: "); }));
    stage.start_registry();
    REQUIRE(stage.until([&] { return stage.count() == 5 && stage.services().contains(id_of(6)); }));
    CHECK(stage.until([&] { return stage.ready(); }));
  }
  SUBCASE("one entry is removed by hand") {
    REQUIRE(stage.put("/v1/agent/service/deregister/" + id_of(3), ""));
    REQUIRE(stage.until([&] { return stage.services().contains(id_of(3)); }));
  }
}

TEST_CASE("neither a failing nor a hanging inspect stops the others") {
  Stage stage;
  for (int i = 0; i < 4; ++i) stage.docker.put(one(i));
  stage.docker.set_failing(fake_id(0));
  stage.docker.set_hanging(fake_id(1));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.count() == 2; }));
  stage.docker.run(one(5));
  REQUIRE(stage.until([&] { return stage.count() == 3; }));
  CHECK_FALSE(stage.ready());  // one is still awaited
  stage.docker.set_hanging("");
  stage.docker.set_failing("");
  CHECK(stage.until([&] { return stage.count() == 5; }));
  CHECK(stage.until([&] { return stage.ready(); }));
}

TEST_CASE("the shapes of API 1.52") {
  Stage stage;
  stage.docker.set_modern(true);
  stage.docker.put(one(1));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(stage.services()[id_of(1)]["Address"] == "172.17.0.3");
  stage.docker.run(one(2));
  REQUIRE(stage.until([&] { return stage.count() == 2; }));
  stage.docker.kill(fake_id(2));
  CHECK(stage.until([&] { return stage.count() == 1; }));
}

TEST_CASE("started before Docker and Consul: ready when they are") {
  Stage stage;
  stage.start_registry();
  stage.stop_registry();
  stage.start_agent();
  CHECK(stage.until([&] { return stage.why().starts_with("Docker: "); }));
  stage.docker.put(one(1));
  stage.docker.start();
  CHECK(stage.until([&] { return stage.why().starts_with("Consul: "); }));
  stage.start_registry();
  CHECK(stage.until([&] { return stage.ready() && stage.count() == 1; }));
}
