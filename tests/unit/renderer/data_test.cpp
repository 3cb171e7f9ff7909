#include "renderer/core/data.h"

#include <doctest/doctest.h>

#include "renderer/core/snapshot.h"
#include "tests/unit/renderer/instances.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::entry;
using longshore::render::test::service_named;

namespace {

std::string ids(const ServiceData& data) {
  std::string out;
  for (const InstancePtr& instance : data.instances)
    out += instance->entry.node.node + "/" + instance->entry.service.id + " ";
  return out;
}

consul::HealthCheck check(const char* id, const char* status) {
  consul::HealthCheck out;
  out.check_id = id;
  out.status = status;
  return out;
}

}  // namespace

TEST_CASE("status is the worst of the checks") {
  // Source: consul api, HealthChecks.AggregatedStatus.
  CHECK(worst_health({}) == Health::passing);
  CHECK(worst_health({check("a", "passing")}) == Health::passing);
  CHECK(worst_health({check("a", "passing"), check("b", "warning")}) == Health::warning);
  CHECK(worst_health({check("a", "critical"), check("b", "warning")}) == Health::critical);
  CHECK(worst_health({check("_node_maintenance", "critical"), check("b", "critical")}) == Health::maintenance);
  CHECK(worst_health({check("b", "critical"), check("_service_maintenance:x", "critical")}) == Health::maintenance);
  CHECK(worst_health({check("_service_maintenance:x", "critical"), check("b", "odd")}) == Health::unknown);
  CHECK(to_string(Health::unknown).empty());
}

TEST_CASE("instances are sorted by node, then ID; with near they are left as they came") {
  const std::vector<consul::ServiceEntry> answer = {entry("b", "1", "web", "", 80), entry("a", "2", "web", "", 80),
                                                    entry("a", "1", "web", "", 80)};
  Dependency on = service_named("web");
  CHECK(ids(make_service_data(on, answer, 7, nullptr)) == "a/1 a/2 b/1 ");
  on.near = "_agent";
  CHECK(ids(make_service_data(on, answer, 7, nullptr)) == "b/1 a/2 a/1 ");
}

TEST_CASE("unchanged instances keep their object, all keep the index of their first sight") {
  const Dependency on = service_named("web");
  const ServiceData first =
      make_service_data(on, {entry("a", "1", "web", "", 80), entry("a", "2", "web", "", 80)}, 10, nullptr);
  const ServiceData second = make_service_data(
      on, {entry("a", "1", "web", "", 80), entry("a", "2", "web", "", 81), entry("a", "3", "web", "", 80)}, 20, &first);
  CHECK(second.instances[0] == first.instances[0]);
  CHECK(second.instances[1] != first.instances[1]);
  CHECK(second.instances[1]->since_index == 10);
  CHECK(second.instances[2]->since_index == 20);
  CHECK(same_instances(
      first, make_service_data(on, {entry("a", "2", "web", "", 80), entry("a", "1", "web", "", 80)}, 30, &first)));
  CHECK_FALSE(same_instances(first, second));
}

TEST_CASE("checks are kept where they are asked for; without them an output is no news") {
  consul::ServiceEntry first = entry("a", "1", "web", "", 80, "warning");
  consul::ServiceEntry chatty = first;
  chatty.checks[0].output = "took 3 ms";
  Dependency on = service_named("web");
  const ServiceData plain = make_service_data(on, {first}, 1, nullptr);
  CHECK(plain.instances[0]->entry.checks.empty());
  CHECK(plain.instances[0]->health == Health::warning);
  CHECK(make_service_data(on, {chatty}, 2, &plain).instances[0] == plain.instances[0]);
  on.checks = true;
  const ServiceData full = make_service_data(on, {first}, 1, nullptr);
  CHECK(full.instances[0]->entry.checks.size() == 1);
  CHECK_FALSE(same_instances(full, make_service_data(on, {chatty}, 2, &full)));
}

TEST_CASE("instances on one node share its record, until it changes") {
  SharedNodes nodes;
  const ServiceData web = make_service_data(service_named("web"), {entry("a", "1", "web", "", 80)}, 1, nullptr, &nodes);
  consul::ServiceEntry moved = entry("a", "2", "api", "", 80);
  const ServiceData api = make_service_data(service_named("api"), {moved}, 1, nullptr, &nodes);
  CHECK(&web.instances[0]->entry.node == &api.instances[0]->entry.node);
  moved.node.address = "192.0.2.99";
  const ServiceData later = make_service_data(service_named("api"), {moved}, 2, &api, &nodes);
  CHECK(later.instances[0]->entry.node.address == "192.0.2.99");
  CHECK(web.instances[0]->entry.node.address == "192.0.2.1");
}

TEST_CASE("a key that is locked or written again with its value is no news") {
  const Dependency on{.kind = Dependency::Kind::key, .name = "k"};
  const Data there = make_data(on, std::optional(render::test::pair("k", "v", 1)), nullptr);
  consul::KvPair locked = render::test::pair("k", "v", 2);
  locked.session = "s";
  CHECK(same_data(there, make_data(on, std::optional(locked), &there)));
  CHECK_FALSE(same_data(there, make_data(on, std::optional(render::test::pair("k", "w", 3)), &there)));
}

TEST_CASE("tags are sorted everywhere") {
  consul::ServiceEntry with_tags = entry("a", "1", "web", "", 80);
  with_tags.service.tags = {"b", "a"};
  const ServiceData data = make_service_data(service_named("web"), {with_tags}, 1, nullptr);
  CHECK(data.instances[0]->entry.service.tags == std::vector<std::string>{"a", "b"});
  const Data catalog =
      make_data({.kind = Dependency::Kind::services}, consul::ServiceNames{{"web", {"y", "x"}}}, nullptr);
  CHECK(std::get<std::shared_ptr<const CatalogData>>(catalog)->services ==
        std::vector<CatalogEntry>{{"web", {"x", "y"}}});
}

TEST_CASE("a deleted key is gone, and its last value is not forgotten") {
  const Dependency on{.kind = Dependency::Kind::key, .name = "k"};
  const Data there = make_data(on, std::optional(render::test::pair("k", "v")), nullptr);
  const Data gone = make_data(on, std::optional<consul::KvPair>(), &there);
  const auto& data = *std::get<std::shared_ptr<const KeyData>>(gone);
  CHECK_FALSE(data.current);
  REQUIRE(data.last);
  CHECK(data.last->value == "v");
  const Data never = make_data(on, std::optional<consul::KvPair>(), nullptr);
  CHECK_FALSE(std::get<std::shared_ptr<const KeyData>>(never)->last);
  CHECK_FALSE(same_data(there, gone));
  CHECK(same_data(gone, make_data(on, std::optional<consul::KvPair>(), &gone)));
}

TEST_CASE("pairs know where their key below the prefix starts") {
  const Dependency on{.kind = Dependency::Kind::tree, .name = "foo"};
  const Data data = make_data(on,
                              std::vector{render::test::pair("foo/a", ""), render::test::pair("foo//b/c", ""),
                                          render::test::pair("foobar", ""), render::test::pair("foo", "")},
                              nullptr);
  std::vector<std::string> keys;
  for (const KeyPair& pair : std::get<std::shared_ptr<const TreeData>>(data)->pairs)
    keys.push_back(pair.pair.key.substr(pair.key_from));
  CHECK(keys == std::vector<std::string>{"a", "b/c", "bar", ""});
}

TEST_CASE("nodes by name, then address; a node's services by name, then ID") {
  consul::Node one, two;
  one.node = two.node = "n";
  one.address = "10.0.0.2";
  two.address = "10.0.0.1";
  const Data nodes = make_data({.kind = Dependency::Kind::nodes}, std::vector{one, two}, nullptr);
  CHECK(std::get<std::shared_ptr<const NodesData>>(nodes)->nodes.front().address == "10.0.0.1");
  consul::NodeServices services;
  services.services["id1"].name = "web";
  services.services["id2"].name = "api";
  const Data node = make_data({.kind = Dependency::Kind::node, .name = "n"}, std::optional(services), nullptr);
  CHECK(std::get<std::shared_ptr<const NodeData>>(node)->services.front().name == "api");
  const Data none =
      make_data({.kind = Dependency::Kind::node, .name = "x"}, std::optional<consul::NodeServices>(), nullptr);
  CHECK_FALSE(std::get<std::shared_ptr<const NodeData>>(none)->node);
}

TEST_CASE("a snapshot's copy stays as it was") {
  const Dependency on{.kind = Dependency::Kind::datacenters};
  Snapshot now;
  CHECK(now.find(on) == nullptr);
  now.mark_stale(on, base::TimePoint{});
  CHECK(now.find(on) == nullptr);
  now.set(on, make_data(on, std::vector<std::string>{"dc2", "dc1"}, nullptr));
  const Snapshot then = now;
  now.set(on, make_data(on, std::vector<std::string>{"dc3"}, nullptr));
  CHECK(then.get<DatacentersData>(on)->names == std::vector<std::string>{"dc1", "dc2"});
  CHECK(now.get<DatacentersData>(on)->names == std::vector<std::string>{"dc3"});
  CHECK(now.get<CatalogData>(on) == nullptr);
  now.mark_stale(on, base::TimePoint(std::chrono::seconds(5)));
  now.mark_stale(on, base::TimePoint(std::chrono::seconds(9)));
  CHECK(now.find(on)->stale_since == base::TimePoint(std::chrono::seconds(5)));
  now.mark_fresh(on);
  CHECK_FALSE(now.find(on)->stale_since);
  now.forget(on);
  CHECK(now.find(on) == nullptr);
}
