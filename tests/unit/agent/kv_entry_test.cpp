#include "agent/core/kv_entry.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

TEST_CASE("keys and values as Registrator writes them") {
  CHECK(kv_key("services", "shop", "host:web:80") == "services/shop/host:web:80");
  CHECK(kv_value("10.0.0.5", 80) == "10.0.0.5:80");
  CHECK(kv_value("fd00::5", 80) == "[fd00::5]:80");
  CHECK(kv_value("", 80) == ":80");
}

TEST_CASE("what a key holds comes back from it") {
  consul::Registration service;
  service.id = "host:web:80";
  service.name = "shop";
  service.tags = {"x"};
  service.port = 80;
  service.address = "fd00::5";
  service.meta = {
      {"longshore-owner", kv_owner("host/unix:/s/nonce")}, {"longshore-container", "0123456789ab"}, {"a", "b"}};
  service.checks.emplace_back().tcp = "x:1";
  const consul::Registration shaped = kv_shape(service);
  CHECK(shaped.tags.empty());
  CHECK(shaped.checks.empty());
  CHECK(shaped.meta ==
        consul::StringMap{{"longshore-owner", kv_owner("host/unix:/s/nonce")}, {"longshore-container", "01234567"}});
  consul::KvPair pair;
  pair.key = kv_key("a/b", shaped.name, shaped.id);
  pair.value = kv_value(shaped.address, shaped.port);
  pair.flags = kv_flags(shaped.meta.at("longshore-owner"), shaped.meta.at("longshore-container"));
  const auto read = kv_service("a/b", pair);
  REQUIRE(read);
  CHECK(read->id == shaped.id);
  CHECK(read->name == shaped.name);
  CHECK(read->address == shaped.address);
  CHECK(read->port == shaped.port);
  CHECK(read->meta == shaped.meta);
}

TEST_CASE("keys that are no services") {
  consul::KvPair pair;
  pair.value = "10.0.0.1:80";
  for (const char* key : {"p", "p/", "p/name", "p/name/", "p//id", "p/name//id", "p//name/id", "p/a//b/id",
                          "pq/name/id", "other/name/id"}) {
    CAPTURE(key);
    pair.key = key;
    CHECK_FALSE(kv_service("p", pair));
  }
  pair.key = "p/name/id";
  CHECK(kv_service("p", pair)->meta.empty());
  for (const char* value : {"", "text", "10.0.0.1", "10.0.0.1:x", "10.0.0.1:70000"}) {
    pair.value = value;
    CHECK(kv_service("p", pair)->address == value);
  }
}

TEST_CASE("names may have slashes, IDs may not") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80");
  AgentOptions options;
  options.kv_owner = kv_owner("me");
  struct Row {
    std::map<std::string, std::string> labels;
    bool taken;
  };
  const Row rows[] = {
      {{{"SERVICE_NAME", "team/shop"}}, true}, {{{"SERVICE_NAME", "a/b/c"}}, true}, {{{"SERVICE_NAME", "a//b"}}, false},
      {{{"SERVICE_NAME", "/a"}}, false},       {{{"SERVICE_NAME", "a/"}}, false},   {{{"SERVICE_ID", "a/b"}}, false},
  };
  for (const Row& row : rows) {
    container.labels = row.labels;
    CAPTURE(row.labels.begin()->second);
    CHECK(services_of(container, {}, test::facts(), nullptr).services.size() == 1);
    const ContainerServices found = services_of(container, options, test::facts(), nullptr);
    CHECK(found.services.size() == (row.taken ? 1 : 0));
    if (!row.taken) continue;
    // It comes back from its key.
    consul::KvPair pair;
    pair.key = kv_key("p", found.services[0].name, found.services[0].id);
    pair.value = "10.0.0.5:80";
    const auto read = kv_service("p", pair);
    REQUIRE(read);
    CHECK(read->name == found.services[0].name);
    CHECK(read->id == found.services[0].id);
  }
  container.labels = {{"SERVICE_NAME", "ab"}, {"SERVICE_CHECK_TTL", "30s"}};
  const ContainerServices found = services_of(container, options, test::facts(), nullptr);
  REQUIRE(found.services.size() == 1);
  CHECK(found.services[0].checks.empty());
}
