#include "common/registry/routes.h"

#include <doctest/doctest.h>

#include "make.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::at;
using test::make_store;

Outcome ask(Store& store, const std::string& target, base::TimePoint now, double chance = 0,
            std::optional<base::TimePoint> until = std::nullopt) {
  const net::Request request = test::request("GET", target);
  return route(store, Call{request, now, chance, until});
}

std::string index_of(const net::Response& response) {
  return std::string(response.headers.get("X-Consul-Index").value_or(""));
}

}  // namespace

TEST_CASE("a blocking query waits for its topic until its time is over") {
  Store store = make_store();
  CHECK(answer(store, "PUT", "/v1/kv/a", "x").status == 200);
  const std::string index = index_of(answer(store, "GET", "/v1/kv/a"));
  const std::string target = "/v1/kv/a?index=" + index + "&wait=16s";
  const Outcome first = ask(store, target, at(0s));
  REQUIRE(std::holds_alternative<Wait>(first));
  const Wait& wait = std::get<Wait>(first);
  CHECK(wait.topics == std::vector<Topic>{{Topic::Kind::kv, "a"}});
  CHECK(wait.until == at(16s));
  // Asked again before and at the end, with what the first answer said.
  CHECK(std::holds_alternative<Wait>(ask(store, target, at(15s), 0, wait.until)));
  const Outcome last = ask(store, target, at(16s), 0, wait.until);
  REQUIRE(std::holds_alternative<net::Response>(last));
  CHECK(index_of(std::get<net::Response>(last)) == index);
}

TEST_CASE("waits: five minutes, ten at most, and up to a sixteenth more") {
  Store store = make_store();
  CHECK(answer(store, "PUT", "/v1/kv/a", "x").status == 200);
  const std::string target = "/v1/kv/a?index=" + index_of(answer(store, "GET", "/v1/kv/a"));
  const auto until = [&](const std::string& wait, double chance) {
    return std::get<Wait>(ask(store, target + wait, at(0s), chance)).until;
  };
  CHECK(until("", 0) == at(5min));
  CHECK(until("&wait=1h", 0) == at(10min));
  CHECK(until("&wait=0s", 0) == at(5min));
  CHECK(until("&wait=160s", 0.5) == at(165s));
}

TEST_CASE("an index that was never reached answers at once") {
  Store store = make_store();
  CHECK(answer(store, "GET", "/v1/kv/a?index=999999&wait=10s").status == 404);
  CHECK(answer(store, "GET", "/v1/health/service/x?index=999999").status == 200);
}

TEST_CASE("index 0 is never told") {
  Store store(Identity{"n1", "", "127.0.0.1", "dc1"}, 1);
  CHECK(index_of(answer(store, "GET", "/v1/kv/a")) == "1");
  CHECK(index_of(answer(store, "GET", "/v1/catalog/services")) == "1");
}

TEST_CASE("prefixes wait for every key below") {
  Store store = make_store();
  CHECK(answer(store, "PUT", "/v1/kv/a/b", "x").status == 200);
  const std::string index = index_of(answer(store, "GET", "/v1/kv/a/?recurse"));
  const Outcome outcome = ask(store, "/v1/kv/a/?recurse&index=" + index, at(0s));
  CHECK(std::get<Wait>(outcome).topics == std::vector<Topic>{{Topic::Kind::kv_prefix, "a/"}});
}

TEST_CASE("paths and methods") {
  struct PathRow {
    const char* method;
    const char* target;
    int status;
  };
  Store store = make_store();
  const PathRow table[] = {{"GET", "/", 200},
                           {"GET", "/nope", 404},
                           {"GET", "/v1", 404},
                           {"GET", "/v1/catalog/services/", 404},
                           {"GET", "/v1/kv", 301},
                           {"GET", "/v1/kv/%zz", 400},
                           {"GET", "/v1/kv/a?x=%zz", 400},
                           {"GET", "/v1/kv/%FF%FE", 404},
                           {"HEAD", "/v1/catalog/nodes", 405},
                           {"OPTIONS", "/v1/kv/a", 200},
                           {"PATCH", "/v1/kv/a", 405},
                           {"", "/v1/kv/a", 405},
                           {"GET", "", 400},
                           {"GET", "/v1/agent/self", 200},
                           {"GET", "/v1/agent/members", 200},
                           {"GET", "/v1/agent/metrics", 200},
                           {"GET", "/v1/status/leader", 200},
                           {"GET", "/v1/status/peers", 200},
                           {"GET", "/v1/internal/ui/services", 200},
                           {"GET", "/v1/internal/ui/node/n1", 200},
                           {"PUT", "/v1/agent/join/10.0.0.1", 200},
                           {"PUT", "/v1/agent/leave", 200}};
  for (const PathRow& row : table) {
    CAPTURE(row.method);
    CAPTURE(row.target);
    const int status = answer(store, row.method, row.target).status;
    CHECK(status == row.status);
  }
}

TEST_CASE("slashes in front of a path are one") {
  Store store = make_store();
  CHECK(answer(store, "PUT", "//v1/kv/a//b", "x").status == 200);
  CHECK(answer(store, "GET", "///v1/kv/a//b?raw").body == "x");
  CHECK(answer(store, "GET", "/v1/kv/a/b?raw").status == 404);
  CHECK(answer(store, "GET", "//").status == 200);
}

TEST_CASE("an event wakes those who wait for events, and the newest 256 are kept") {
  Store store = make_store();
  CHECK(index_of(answer(store, "GET", "/v1/event/list")) == "1");
  CHECK(answer(store, "PUT", "/v1/event/fire/deploy", "now").body.find("\"bm93\"") != std::string::npos);
  CHECK(test::touches(store.take_changes(), Topic::Kind::events));
  const std::string index = index_of(answer(store, "GET", "/v1/event/list"));
  const Outcome waits = ask(store, "/v1/event/list?index=" + index, at(0s));
  REQUIRE(std::holds_alternative<Wait>(waits));
  CHECK(std::get<Wait>(waits).topics == std::vector<Topic>{{Topic::Kind::events, ""}});
  for (int i = 0; i < 256; ++i) CHECK(answer(store, "PUT", "/v1/event/fire/more").status == 200);
  CHECK(store.events().size() == 256);
  CHECK(answer(store, "GET", "/v1/event/list?name=deploy").body == "[]");
  CHECK(std::stoull(index_of(answer(store, "GET", "/v1/event/list"))) > std::stoull(index));
}

TEST_CASE("events are listed where they are meant") {
  struct EventRow {
    const char* query;
    bool listed;
  };
  Store store = make_store();
  consul::Registration web = test::service("w1", "web");
  web.tags = {"blue"};
  REQUIRE(store.register_service(web, true, at(0s)));
  const EventRow table[] = {{"node=n1", true},     {"node=^n$", false},          {"service=we", true},
                            {"service=db", false}, {"service=web&tag=bl", true}, {"service=web&tag=green", false}};
  for (const EventRow& row : table) {
    CAPTURE(row.query);
    const std::size_t before = store.events().size();
    CHECK(answer(store, "PUT", "/v1/event/fire/e?" + std::string(row.query)).status == 200);
    CHECK((store.events().size() > before) == row.listed);
  }
  CHECK(answer(store, "PUT", "/v1/event/fire/e?node=x(").status == 500);
}

TEST_CASE("what one host has no use for says so in a sentence") {
  struct AbsentRow {
    const char* method;
    const char* target;
  };
  Store store = make_store();
  const AbsentRow table[] = {{"GET", "/v1/agent/monitor"},
                             {"GET", "/v1/agent/host"},
                             {"GET", "/v1/snapshot"},
                             {"PUT", "/v1/snapshot"},
                             {"POST", "/v1/query"},
                             {"POST", "/v1/connect/intentions"},
                             {"GET", "/v1/connect/intentions/match?by=source&name=web"},
                             {"PUT", "/v1/config"},
                             {"GET", "/v1/operator/keyring"},
                             {"GET", "/v1/operator/autopilot/health"}};
  for (const AbsentRow& row : table) {
    CAPTURE(row.target);
    const net::Response response = answer(store, row.method, row.target);
    CHECK(response.status == 501);
    CHECK(response.body.starts_with("the embedded registry "));
  }
}

TEST_CASE("values and keys are bytes") {
  Store store = make_store();
  const std::string bytes("\0\xff\x80", 3);
  CHECK(answer(store, "PUT", "/v1/kv/%00k%FF", bytes).status == 200);
  CHECK(answer(store, "GET", "/v1/kv/%00k%FF?raw").body == bytes);
  CHECK(answer(store, "GET", "/v1/kv/?keys").status == 200);
}

TEST_CASE("values have a limit") {
  Store store = make_store();
  CHECK(answer(store, "PUT", "/v1/kv/a", std::string(512 * 1024, 'x')).status == 200);
  CHECK(answer(store, "PUT", "/v1/kv/a", std::string(512 * 1024 + 1, 'x')).status == 413);
}

TEST_CASE("pretty answers are indented and end with a line break") {
  Store store = make_store();
  CHECK(answer(store, "GET", "/v1/catalog/datacenters").body == "[\"dc1\"]");
  CHECK(answer(store, "GET", "/v1/catalog/datacenters?pretty").body == "[\n    \"dc1\"\n]\n");
}

TEST_CASE("self tells what clients look for") {
  Store store = make_store();
  const auto self = consul::decode_agent_self(answer(store, "GET", "/v1/agent/self").body);
  REQUIRE(self);
  CHECK(self->node_name == "n1");
  CHECK(self->datacenter == "dc1");
  CHECK(self->advertise_address == "127.0.0.1");
  CHECK(self->version == "1.8.7");
}

TEST_CASE("our own codec reads our own answers") {
  Store store = make_store();
  consul::Registration registration = test::service_with_ttl("w1", "web", 30s);
  registration.tags = {"a"};
  registration.address = "10.0.0.1";
  CHECK(answer(store, "PUT", "/v1/agent/service/register", consul::encode_registration(registration)).status == 200);
  const auto entries = consul::decode_health_service(answer(store, "GET", "/v1/health/service/web").body);
  REQUIRE(entries);
  consul::Service read = entries->front().service;
  // What only templates see of an answer: which maps are null.
  read.null_meta = read.null_tagged_addresses = false;
  CHECK(read == store.catalog().service({"n1", "w1"})->value);
  CHECK(entries->front().checks.size() == 2);
  CHECK(consul::decode_agent_services(answer(store, "GET", "/v1/agent/services").body).value().at("w1").tags ==
        std::vector<std::string>{"a"});
  CHECK(consul::decode_catalog_node(answer(store, "GET", "/v1/catalog/node/n1").body).value()->services.size() == 1);
  CHECK(consul::decode_nodes(answer(store, "GET", "/v1/catalog/nodes").body).value().size() == 1);
  CHECK(consul::decode_health_checks(answer(store, "GET", "/v1/health/state/any").body).value().size() == 2);
}

}  // namespace longshore::registry
