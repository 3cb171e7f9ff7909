#include <doctest/doctest.h>

#include "make.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using test::at;
using test::make_store;

std::string status(const Store& store, const std::string& id) {
  const CheckRecord* record = store.catalog().check({"n1", id});
  return record == nullptr ? "absent" : record->value.status;
}

consul::Registration service_with_tcp(const std::string& id) {
  consul::Registration registration = test::service(id, id);
  consul::CheckDefinition check;
  check.tcp = "127.0.0.1:1";
  check.interval = 10s;
  registration.checks.push_back(check);
  return registration;
}

}  // namespace

TEST_CASE("a TTL that is not renewed expires, and says what was last heard") {
  Store store = make_store();
  CHECK(store.register_service(test::service_with_ttl("w", "web", 30s), false, at(0s)));
  CHECK(store.next_due() == at(30s));
  CHECK(store.update_ttl("service:w", CheckStatus::passing, "fine", at(10s)));
  CHECK(status(store, "service:w") == "passing");
  CHECK(store.next_due() == at(40s));
  store.expire(at(39s));
  CHECK(status(store, "service:w") == "passing");
  store.take_changes();
  store.expire(at(40s));
  CHECK(status(store, "service:w") == "critical");
  CHECK(base::to_text(store.take_changes().lines.at(0)) ==
        "event=check_changed check=service:w service=w from=passing to=critical");
  CHECK(store.catalog().check({"n1", "service:w"})->value.output ==
        "TTL expired (last output before timeout follows): fine");
  CHECK_FALSE(store.next_due());
}

TEST_CASE("an output that changes alone is told five minutes later") {
  Store store = make_store();
  CHECK(store.register_service(test::service_with_ttl("w", "web", 1h), false, at(0s)));
  CHECK(store.update_ttl("service:w", CheckStatus::passing, "one", at(0s)));
  store.take_changes();
  CHECK(store.update_ttl("service:w", CheckStatus::passing, "two", at(1s)));
  CHECK(store.take_changes().topics.empty());
  const CheckRecord& record = *store.catalog().check({"n1", "service:w"});
  CHECK(record.value.output == "one");
  CHECK(store.check_output(record) == "two");
  CHECK(store.next_due() == at(301s));
  store.expire(at(301s));
  CHECK(store.catalog().check({"n1", "service:w"})->value.output == "two");
  CHECK_FALSE(store.take_changes().topics.empty());
}

TEST_CASE("results of an older definition are ignored") {
  Store store = make_store();
  CHECK(store.register_service(service_with_tcp("w"), false, at(0s)));
  const auto first = store.runnable_checks();
  REQUIRE(first.size() == 1);
  consul::Registration changed = service_with_tcp("w");
  changed.checks.front().interval = 20s;
  CHECK(store.register_service(changed, false, at(0s)));
  const auto second = store.runnable_checks();
  CHECK(second.front().generation > first.front().generation);
  store.check_result("service:w", first.front().generation, CheckStatus::passing, "", at(1s));
  CHECK(status(store, "service:w") == "critical");
  store.check_result("service:w", second.front().generation, CheckStatus::passing, "", at(1s));
  CHECK(status(store, "service:w") == "passing");
}

TEST_CASE("a check that is registered again keeps running and keeps its status") {
  Store store = make_store();
  CHECK(store.register_service(service_with_tcp("w"), false, at(0s)));
  const auto before = store.runnable_checks();
  store.check_result("service:w", before.front().generation, CheckStatus::passing, "ok", at(1s));
  store.take_changes();
  CHECK(store.register_service(service_with_tcp("w"), true, at(2s)));
  CHECK(store.take_changes().empty());
  CHECK(store.runnable_checks().front().generation == before.front().generation);
  CHECK(status(store, "service:w") == "passing");
}

TEST_CASE("checks that go end with their service and with replace-existing-checks") {
  Store store = make_store();
  consul::Registration two = test::service_with_ttl("w", "web", 1h);
  two.checks.push_back(two.checks.front());
  CHECK(store.register_service(two, false, at(0s)));
  CHECK(status(store, "service:w:1") == "critical");
  CHECK(status(store, "service:w:2") == "critical");
  CHECK(store.service_maintenance("w", true, ""));
  CHECK(store.register_service(test::service_with_ttl("w", "web", 1h), false, at(0s)));
  CHECK(status(store, "service:w:1") == "critical");
  CHECK(status(store, "_service_maintenance:w") == "critical");
  CHECK(store.register_service(test::service_with_ttl("w", "web", 1h), true, at(0s)));
  CHECK(status(store, "service:w:1") == "absent");
  CHECK(status(store, "_service_maintenance:w") == "absent");
  CHECK(status(store, "service:w") == "critical");
  CHECK(store.deregister_service("w"));
  CHECK(status(store, "service:w") == "absent");
  CHECK_FALSE(store.next_due());
}

TEST_CASE("a service that stays critical is reaped, after a minute at the earliest") {
  Store store = make_store();
  consul::Registration registration = service_with_tcp("w");
  registration.checks.front().deregister_critical_after = 10s;
  CHECK(store.register_service(registration, false, at(0s)));
  CHECK(store.next_due() == at(60s));
  const std::uint64_t generation = store.runnable_checks().front().generation;
  store.check_result("service:w", generation, CheckStatus::passing, "", at(30s));
  CHECK_FALSE(store.next_due());
  store.check_result("service:w", generation, CheckStatus::critical, "", at(40s));
  CHECK(store.next_due() == at(100s));
  store.expire(at(99s));
  CHECK(store.catalog().service({"n1", "w"}) != nullptr);
  store.expire(at(100s));
  CHECK(store.catalog().service({"n1", "w"}) == nullptr);
}

TEST_CASE("checks apart from a service") {
  Store store = make_store();
  consul::CheckRegistration registration;
  registration.check.name = "disk";
  registration.check.ttl = 1h;
  registration.check.status = "passing";
  CHECK(store.register_check(registration, at(0s)));
  CHECK(status(store, "disk") == "passing");
  registration.service_id = "nobody";
  CHECK(store.register_check(registration, at(0s)).error().text == "ServiceID \"nobody\" does not exist");
  CHECK(store.deregister_check("disk"));
  CHECK_FALSE(store.deregister_check("disk"));
  // The node's own liveness is not a check that one can take away.
  CHECK_FALSE(store.deregister_check("serfHealth"));
  CHECK(store.update_ttl("disk", CheckStatus::passing, "", at(0s)).error().text ==
        "CheckID \"disk\" does not have associated TTL");
}

TEST_CASE("maintenance is idempotent") {
  Store store = make_store();
  CHECK(store.register_service(test::service("w", "web"), false, at(0s)));
  CHECK(store.service_maintenance("w", true, "first"));
  store.take_changes();
  CHECK(store.service_maintenance("w", true, "second"));
  CHECK(store.take_changes().empty());
  CHECK(store.catalog().check({"n1", "_service_maintenance:w"})->value.notes == "first");
  CHECK(store.service_maintenance("w", false, ""));
  CHECK(store.service_maintenance("w", false, ""));
  CHECK(store.service_maintenance("nobody", true, "").error().code == Errc::not_found);
}

TEST_CASE("an alias has the worst status of its service's checks, through a chain of aliases too") {
  Store store = make_store();
  const auto alias_of = [](const std::string& id, const std::string& target) {
    consul::Registration registration = test::service(id, id);
    consul::CheckDefinition check;
    check.alias_service = target;
    registration.checks.push_back(check);
    return registration;
  };
  const auto output = [&](const std::string& id) { return store.check_output(*store.catalog().check({"n1", id})); };
  // In the order in which nothing is known when it is asked for.
  CHECK(store.register_service(alias_of("a", "b"), false, at(0s)));
  CHECK(store.register_service(alias_of("b", "c"), false, at(0s)));
  store.settle_aliases(at(0s));
  CHECK(status(store, "service:a") == "critical");
  CHECK(output("service:b") == "Service c could not be found on node ");
  CHECK(store.runnable_checks().empty());

  CHECK(store.register_service(test::service_with_ttl("c", "c", 30s), false, at(0s)));
  CHECK(store.update_ttl("service:c", CheckStatus::passing, "fine", at(0s)));
  store.take_changes();
  store.settle_aliases(at(0s));
  CHECK(status(store, "service:b") == "passing");
  CHECK(status(store, "service:a") == "passing");
  CHECK(test::touches(store.take_changes(), Topic::Kind::health, "a"));
  store.settle_aliases(at(1s));
  CHECK(store.take_changes().topics.empty());

  CHECK(store.update_ttl("service:c", CheckStatus::warning, "tired", at(1s)));
  store.settle_aliases(at(1s));
  CHECK(status(store, "service:a") == "warning");
  CHECK(output("service:b") == "Aliased check \"Service 'c' check\" failing: tired");
  CHECK(store.service_maintenance("c", true, "by hand"));
  store.settle_aliases(at(1s));
  CHECK(status(store, "service:a") == "critical");
  CHECK(store.service_maintenance("c", false, ""));
  store.expire(at(31s));
  store.settle_aliases(at(31s));
  CHECK(status(store, "service:b") == "critical");
  CHECK(store.deregister_service("c"));
  store.settle_aliases(at(31s));
  CHECK(status(store, "service:b") == "critical");
  // Gone with its service, nothing is left to settle.
  CHECK(store.deregister_service("a"));
  CHECK(store.deregister_service("b"));
  store.settle_aliases(at(31s));
}

TEST_CASE("an alias of another node's service follows that node's checks too, and the node's end") {
  Store store = make_store();
  consul::Registration registration = test::service("a", "a");
  consul::CheckDefinition check;
  check.alias_node = "far";
  check.alias_service = "db";
  registration.checks.push_back(check);
  CHECK(store.register_service(registration, false, at(0s)));
  CatalogRegistration far;
  far.node.node = "far";
  far.node.address = "192.0.2.1";
  far.service.emplace();
  far.service->id = far.service->name = "db";
  const auto tell = [&](const std::string& service, const std::string& state) {
    consul::HealthCheck told;
    told.check_id = told.name = service.empty() ? "serfHealth" : "c";
    told.service_id = service;
    told.status = state;
    told.output = "told";
    far.checks = {told};
    CHECK(store.catalog_register(far));
    store.settle_aliases(at(0s));
    return status(store, "service:a");
  };
  store.settle_aliases(at(0s));
  CHECK(status(store, "service:a") == "critical");
  // The texts and the service's part as seen with Consul 1.8.7.
  CHECK(tell("db", "warning") == "warning");
  CHECK(store.check_output(*store.catalog().check({"n1", "service:a"})) == "Aliased check \"c\" failing: told");
  CHECK(tell("db", "passing") == "passing");
  CHECK(tell("", "critical") == "critical");
  CHECK(tell("", "passing") == "passing");
  store.catalog_deregister("far", "", "");
  store.settle_aliases(at(0s));
  CHECK(status(store, "service:a") == "critical");
}

TEST_CASE("aliases of each other and of themselves come to an end") {
  Store store = make_store();
  for (const auto& [id, target] : {std::pair("a", "b"), std::pair("b", "a"), std::pair("self", "self")}) {
    consul::Registration registration = test::service(id, id);
    consul::CheckDefinition check;
    check.alias_service = target;
    registration.checks.push_back(check);
    CHECK(store.register_service(registration, false, at(0s)));
  }
  store.settle_aliases(at(0s));
  CHECK(status(store, "service:self") == "passing");
  CHECK(status(store, "service:a") == status(store, "service:b"));
  // It may not be fed, and it is none that is run.
  CHECK_FALSE(store.update_ttl("service:a", CheckStatus::passing, "", at(0s)));
}

}  // namespace longshore::registry
