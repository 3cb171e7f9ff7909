#include "common/main/cluster_view.h"

#include <doctest/doctest.h>

#include "common/main/link_template.h"

namespace longshore::app {
namespace {

consul::ServiceEntry entry(const std::string& id, consul::StringMap meta = {},
                           std::vector<consul::HealthCheck> checks = {}) {
  consul::ServiceEntry out;
  out.node.node = "host-1";
  out.node.address = "192.168.0.1";
  out.service.name = "web";
  out.service.id = id;
  out.service.port = 80;
  out.service.meta = std::move(meta);
  out.checks = std::move(checks);
  return out;
}

consul::HealthCheck check(const std::string& id, const std::string& status) {
  consul::HealthCheck out;
  out.check_id = id;
  out.status = status;
  return out;
}

consul::KvPair pair(const std::string& key, const std::string& value = "{}") {
  consul::KvPair out;
  out.key = key;
  out.value = value;
  return out;
}

TEST_CASE("the state is the worst of the checks") {
  struct Row {
    std::vector<consul::HealthCheck> checks;
    const char* state;
  };
  const std::vector<Row> rows = {
      {{}, "passing"},
      {{check("serfHealth", "passing"), check("a", "warning")}, "warning"},
      {{check("a", "critical"), check("b", "warning")}, "critical"},
      {{check("a", "warning"), check("b", "critical")}, "critical"},
      {{check("a", "passing"), check("_service_maintenance:x", "critical")}, "maintenance"},
      {{check("a", "critical"), check("_node_maintenance", "critical")}, "maintenance"},
  };
  for (const Row& row : rows)
    CHECK(cluster_view({{entry("x", {}, row.checks)}, {}, {}}, {})["services"][0]["state"] == row.state);
}

TEST_CASE("a drain of the service, the container or the host shows") {
  const std::vector<consul::ServiceEntry> entries = {entry("h:a:80", {{"longshore-container", "0123456789abcdef"}})};
  const auto state = [&](const std::string& key) {
    return cluster_view({entries, {}, {pair("longshore/drains/" + key)}}, {})["services"][0]["state"];
  };
  for (const char* key : {"host-1/h:a:80", "host-1/*", "host-1/container:0123456789ab"})
    CHECK(state(key) == "passing draining");
  for (const char* key :
       {"host-2/h:a:80", "host-2/*", "host-1/h:b:80", "host-1/container:0123456789ff", "host-1/container:01"})
    CHECK(state(key) == "passing");
}

TEST_CASE("who registered it") {
  const auto by = [](const std::string& id, consul::StringMap meta = {}) {
    return cluster_view({{entry(id, std::move(meta))}, {}, {}}, {})["services"][0]["registered_by"];
  };
  CHECK(by("h:a:80") == "registrator");
  CHECK(by("h:a:80:udp") == "registrator");
  CHECK(by("h:a:x") == "somebody else");
  CHECK(by("web1") == "somebody else");
  CHECK(by("web1", {{"longshore-owner", "n/e/1"}}) == "longshore n/e/1");
}

TEST_CASE("what stands for an instance that is away is a gap: not drained, and no version beside others") {
  const std::vector<consul::HealthCheck> critical = {check("a", "critical")};
  const std::vector<consul::ServiceEntry> entries = {
      entry("longshore-gap:h:a:80", {{"longshore-gap", "docker-proxy /run/x.sock"}, {"longshore-image", "nano:1"}},
            critical),
      entry("h:a:80", {{"longshore-image", "nano:2"}})};
  const json::Value view = cluster_view({entries, {}, {pair("longshore/drains/host-1/*")}}, {});
  CHECK(view["services"][0]["state"] == "gap");
  CHECK(view["services"][0]["registered_by"] == "longshore docker-proxy /run/x.sock");
  CHECK(view["services"][1]["state"] == "passing draining");
  CHECK(view["skew"].empty());
}

TEST_CASE("versions side by side are told, one version is not") {
  const auto with = [](const std::string& id, const std::string& image, const std::string& revision = "") {
    consul::StringMap meta = {{"longshore-image", image}};
    if (!revision.empty()) meta["longshore-revision"] = revision;
    return entry(id, std::move(meta));
  };
  CHECK(cluster_view({{with("a", "nano:1"), with("b", "nano:1")}, {}, {}}, {})["skew"].empty());
  const json::Value skew = cluster_view(
      {{with("a", "nano:1"), with("b", "nano:1"), with("c", "nano:1", "0123456789abcdef")}, {}, {}}, {})["skew"];
  REQUIRE(skew.size() == 1);
  CHECK(skew[0]["versions"] == json::Value({"nano:1 (2)", "nano:1@0123456789ab (1)"}));
}

TEST_CASE("renderers as they describe themselves; a record that cannot be read still shows") {
  consul::KvPair live =
      pair("longshore/renderers/lb1", R"({"version":1,"host":"h","generation":7,"settled_generation":6,
    "old_requests":2,"stale":1,"at":"now","held_back":["a.conf"],"quarantined":["b.conf x"],"guarded":["web keeps 8"],"services":{
    "web":{"settled":{"index":9,"hash":"a","generation":6}},
    "api":{"settled":{"index":9,"hash":"a","generation":6},"applied":{"index":10,"hash":"b","generation":7}},
    "new":{"settled":{"index":0}}}})");
  live.session = "s";
  consul::KvPair starting = pair("longshore/renderers/lb3", R"({"starting":true})");
  starting.session = "s";
  const json::Value view = cluster_view({{}, {live, pair("longshore/renderers/lb2", "not json"), starting}, {}}, {});
  const json::Value& rows = view["renderers"];
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == json::Value{{"id", "lb1"},
                               {"state", "live"},
                               {"host", "h"},
                               {"applied", 7},
                               {"settled", 6},
                               {"services", 3},
                               {"unsettled", json::Value::array({"api", "new"})},
                               {"held_back", json::Value::array({"a.conf"})},
                               {"quarantined", json::Value::array({"b.conf x"})},
                               {"guarded", json::Value::array({"web keeps 8"})},
                               {"old_requests", 2},
                               {"stale_watches", 1},
                               {"at", "now"}});
  CHECK(rows[1]["id"] == "lb2");
  CHECK(rows[1]["state"] == "missing");
  CHECK(rows[1].contains("problem"));
  CHECK(rows[2]["state"] == "starting");
}

TEST_CASE("links") {
  const Result<LinkTemplate> link = LinkTemplate::parse("http://logs/{{.Node}}/{{.Container}}?{{.Meta.a}}");
  REQUIRE(link.has_value());
  CHECK((*link)(entry("x", {{"longshore-container", "0123"}, {"a", "b"}})) == "http://logs/host-1/0123?b");
  const Result<LinkTemplate> failing = LinkTemplate::parse("{{index .Meta 1}}");
  REQUIRE(failing.has_value());
  CHECK((*failing)(entry("x")).empty());
  CHECK_FALSE(LinkTemplate::parse("{{nope}}").has_value());
}

}  // namespace

TEST_CASE("deploys show whether somebody is at work") {
  ClusterFacts facts;
  facts.deploys = {pair("longshore/deploys/a", R"({"version":1,"stage":"switch","from":"blue","to":"green"})"),
                   pair("longshore/deploys/b", "no object")};
  facts.deploys[0].session = "s";
  const json::Value rows = cluster_view(facts, {})["deploys"];
  CHECK(rows ==
        json::Value::array({{{"id", "a"}, {"stage", "switch"}, {"from", "blue"}, {"to", "green"}, {"working", "yes"}},
                            {{"id", "b"}, {"working", "no"}}}));
}

TEST_CASE("claims show whose a host name is, and those that cannot be read") {
  ClusterFacts facts;
  facts.claims = {pair("longshore/claims/a.example", R"({"version":1,"service":"web"})"),
                  pair("longshore/claims/b.example", "shop"), pair("longshore/claims/c.example", "{}")};
  CHECK(cluster_view(facts, {})["claims"] == json::Value::array({{{"host", "a.example"}, {"service", "web"}},
                                                                 {{"host", "b.example"}, {"service", "shop"}},
                                                                 {{"host", "c.example"}, {"service", ""}}}));
}

}  // namespace longshore::app
