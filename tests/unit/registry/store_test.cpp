#include "common/registry/store.h"

#include <doctest/doctest.h>

#include "make.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using test::at;
using test::make_store;
using test::service;
using test::touches;
using Kind = Topic::Kind;

}  // namespace

TEST_CASE("a start registers the node and its liveness at one index") {
  Store store = make_store();
  CHECK(store.catalog().nodes().at("n1").value.tagged_addresses.at("wan_ipv4") == "127.0.0.1");
  CHECK(store.catalog().check({"n1", "serfHealth"})->value.status == "passing");
  CHECK(store.catalog().nodes_index() == store.catalog().checks_index());
  CHECK(store.identity().node_id.size() == 36);
}

TEST_CASE("a registration wakes those who wait for it and writes one row per record") {
  Store store = make_store();
  const std::uint64_t before = store.index();
  REQUIRE(store.register_service(test::service_with_ttl("w1", "web", 30s), false, at(0s)));
  CHECK(store.index() == before + 1);
  const Changes changes = store.take_changes();
  CHECK(touches(changes, Kind::service, "web"));
  CHECK(touches(changes, Kind::health, "web"));
  CHECK(touches(changes, Kind::services));
  CHECK(touches(changes, Kind::checks));
  CHECK(touches(changes, Kind::node_services, "n1"));
  CHECK(touches(changes, Kind::service_checks, "web"));
  CHECK_FALSE(touches(changes, Kind::nodes));
  CHECK_FALSE(touches(changes, Kind::health, "other"));
  CHECK(changes.rows.size() == 3);  // service, definition, check
  CHECK(changes.checks_to_run);
}

TEST_CASE("the same registration again changes nothing") {
  Store store = make_store();
  CHECK(store.register_service(test::service_with_ttl("w1", "web", 30s), false, at(0s)));
  store.take_changes();
  const std::uint64_t index = store.catalog().service_index("web", true);
  CHECK(store.register_service(test::service_with_ttl("w1", "web", 30s), false, at(1s)));
  CHECK(store.take_changes().empty());
  CHECK(store.catalog().service_index("web", true) == index);
}

TEST_CASE("indexes of services: own, of the last one that went, of the whole catalog") {
  Store store = make_store();
  const std::uint64_t whole = store.catalog().checks_index();
  CHECK(store.catalog().service_index("web", true) == whole);
  CHECK(store.register_service(service("w1", "web"), false, at(0s)));
  CHECK(store.register_service(service("w2", "web"), false, at(0s)));
  CHECK(store.register_service(service("x1", "other"), false, at(0s)));
  const std::uint64_t web = store.catalog().service_index("web", true);
  const std::uint64_t other = store.catalog().service_index("other", true);
  CHECK(web < other);
  CHECK(store.deregister_service("w1"));
  const std::uint64_t one_left = store.catalog().service_index("web", true);
  CHECK(one_left > other);
  CHECK(store.catalog().service_index("other", true) == other);
  CHECK(store.deregister_service("w2"));
  const std::uint64_t gone = store.catalog().service_index("web", true);
  CHECK(gone > one_left);
  // A name that never was answers with the last extinction too.
  CHECK(store.catalog().service_index("never", true) == gone);
  CHECK_FALSE(store.deregister_service("w2"));
}

TEST_CASE("a changed name moves the instance and both indexes") {
  Store store = make_store();
  CHECK(store.register_service(service("w1", "old"), false, at(0s)));
  const std::uint64_t before = store.catalog().service_index("old", true);
  store.take_changes();
  CHECK(store.register_service(service("w1", "new"), false, at(0s)));
  const Changes changes = store.take_changes();
  CHECK(touches(changes, Kind::health, "old"));
  CHECK(touches(changes, Kind::health, "new"));
  CHECK(store.catalog().instances("old").empty());
  CHECK(store.catalog().instances("new").size() == 1);
  CHECK(store.catalog().service_index("old", true) > before);
}

TEST_CASE("what an agent adds and refuses") {
  Store store = make_store();
  consul::Registration registration = service("", "web");
  registration.address = "10.0.0.1";
  registration.port = 80;
  registration.tagged_addresses["wan_ipv4"] = consul::TaggedAddress{"198.51.100.1", 8080};
  CHECK(store.register_service(registration, false, at(0s)));
  const consul::Service& stored = store.catalog().service({"n1", "web"})->value;
  CHECK(stored.tagged_addresses.at("lan_ipv4") == consul::TaggedAddress{"10.0.0.1", 80});
  CHECK(stored.tagged_addresses.at("wan_ipv4") == consul::TaggedAddress{"198.51.100.1", 8080});
  CHECK(stored.weights == consul::Weights{1, 1});
  registration.name.clear();
  CHECK(store.register_service(registration, false, at(0s)).error().text == "Missing service name");
  registration.name = "web";
  registration.meta = {{"consul-x", "1"}};
  CHECK(store.register_service(registration, false, at(0s)).error().code == Errc::invalid_input);
  registration.meta = {{std::string(129, 'k'), "1"}};
  CHECK_FALSE(store.register_service(registration, false, at(0s)));
  registration.meta = {{"k", std::string(513, 'v')}};
  CHECK_FALSE(store.register_service(registration, false, at(0s)));
  registration.meta.clear();
  for (int i = 0; i < 64; ++i) registration.meta["k" + std::to_string(i)] = std::string(512, 'v');
  CHECK(store.register_service(registration, false, at(0s)));
  registration.meta["more"] = "";
  CHECK_FALSE(store.register_service(registration, false, at(0s)));
}

TEST_CASE("a node-wide check moves every service of the node") {
  Store store = make_store();
  CHECK(store.register_service(service("a", "a"), false, at(0s)));
  CHECK(store.register_service(service("b", "b"), false, at(0s)));
  store.take_changes();
  store.node_maintenance(true, "");
  const Changes changes = store.take_changes();
  CHECK(touches(changes, Kind::health, "a"));
  CHECK(touches(changes, Kind::health, "b"));
  CHECK_FALSE(touches(changes, Kind::service, "a"));
  CHECK(store.catalog().service_index("a", true) == store.catalog().service_index("b", true));
}

TEST_CASE("external nodes: the last thing to go is the node") {
  Store store = make_store();
  CatalogRegistration registration;
  registration.node.node = "ext";
  registration.node.address = "10.0.0.1";
  consul::Service db;
  db.id = db.name = "db";
  registration.service = db;
  consul::HealthCheck check;
  check.check_id = "up";
  check.service_id = "db";
  check.status = "passing";
  registration.checks.push_back(check);
  CHECK(store.catalog_register(registration));
  CHECK(store.catalog().checks_for({"ext", "db"}).size() == 1);
  CHECK(store.catalog().check({"ext", "up"})->value.service_name == "db");
  registration.checks.front().service_id = "nobody";
  CHECK_FALSE(store.catalog_register(registration));
  store.catalog_deregister("ext", "", "");
  CHECK(store.catalog().instances("db").empty());
  CHECK(store.catalog().check({"ext", "up"}) == nullptr);
  // The own node cannot be taken away.
  store.catalog_deregister("n1", "", "");
  CHECK(store.catalog().nodes().contains("n1"));
}

}  // namespace longshore::registry
