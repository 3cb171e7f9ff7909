// consulkv: services as keys, written and removed by the same machine.
#include <doctest/doctest.h>

#include "tests/integration/agent/stage.h"

using namespace longshore;
using namespace longshore::agent::test;

namespace {

// "key=value" of everything below the prefix; the sessions are not compared.
std::vector<std::string> keys(Stage& stage) {
  std::vector<std::string> out;
  const auto names = nlohmann::json::parse(stage.get("/v1/kv/svc/?keys"), nullptr, false);
  if (!names.is_array()) return out;
  for (const std::string name : names) out.push_back(name + "=" + stage.get("/v1/kv/" + name + "?raw"));
  return out;
}

nlohmann::json entry(Stage& stage, const std::string& key) {
  const auto rows = nlohmann::json::parse(stage.get("/v1/kv/" + key), nullptr, false);
  return rows.is_array() && !rows.empty() ? rows[0] : nlohmann::json();
}

void begin(Stage& stage) {
  stage.config.kv.emplace().prefix = "svc";
  stage.docker.start();
  stage.start_registry();
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a service is a key, and goes with its container") {
  Stage stage;
  begin(stage);
  stage.docker.put(one(1));
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(keys(stage) == Texts{"svc/app/host:c1:80=172.17.0.3:80"});
  CHECK(stage.count() == 0);  // no agent services
  FakeContainer named = one(2);
  named.env = {"SERVICE_NAME=shop", "SERVICE_TAGS=x", "SERVICE_CHECK_TCP=1", "SERVICE_ID=mine"};
  stage.docker.run(named);
  REQUIRE(stage.until([&] {
    return keys(stage) == Texts{"svc/app/host:c1:80=172.17.0.3:80", "svc/shop/mine=172.17.0.4:80"};
  }));
  stage.docker.kill(fake_id(1));
  REQUIRE(stage.until([&] { return keys(stage) == Texts{"svc/shop/mine=172.17.0.4:80"}; }));
  // A restart finds its own keys, and takes away those whose container is gone, the ones with a name of their own too.
  CHECK(stage.stop_agent() == 0);
  stage.docker.put(one(3));
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready() && keys(stage).size() == 2; }));
  CHECK(stage.metric("longshore_agent_registrations_total") == 1);
  CHECK(stage.stop_agent() == 0);
  stage.docker.remove(fake_id(2));
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready() && keys(stage) == Texts{"svc/app/host:c3:80=172.17.0.5:80"}; }));
  CHECK(stage.metric("longshore_agent_registrations_total") == 0);
  // No notes: nobody reads them.
  CHECK(stage.get("/v1/kv/longshore/?keys") == "");
}

TEST_CASE("keys of others are left alone, Registrator's own are adopted, what was changed by hand is put right") {
  Stage stage;
  begin(stage);
  REQUIRE(stage.put("/v1/kv/svc/app/elsewhere:c1:80", "10.0.0.1:80"));
  REQUIRE(stage.put("/v1/kv/svc/app/elsewhere:c9:80?flags=123456789123", "10.0.0.9:80"));
  REQUIRE(stage.put("/v1/kv/svc/app/host:c1:80", "172.17.0.3:80"));
  REQUIRE(stage.put("/v1/kv/svc/app/host:gone:80", "10.0.0.2:80"));
  REQUIRE(stage.put("/v1/kv/svc/note", "hello"));
  stage.docker.put(one(1));
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  // -cleanup was not given: the dangling key stays, as with Registrator.
  const Texts want = {"svc/app/elsewhere:c1:80=10.0.0.1:80", "svc/app/elsewhere:c9:80=10.0.0.9:80",
                      "svc/app/host:c1:80=172.17.0.3:80", "svc/app/host:gone:80=10.0.0.2:80", "svc/note=hello"};
  CHECK(keys(stage) == want);
  CHECK(entry(stage, "svc/app/host:c1:80")["Flags"] != 0);
  CHECK(entry(stage, "svc/app/host:gone:80")["Flags"] == 0);
  REQUIRE(stage.put("/v1/kv/svc/app/host:c1:80", "broken"));
  CHECK(stage.until([&] { return keys(stage) == want; }));
  CHECK(stage.stop_agent() == 0);
  stage.config.options.cleanup = true;
  stage.config.options.probation = {};
  stage.start_agent();
  CHECK(stage.until([&] { return entry(stage, "svc/app/host:gone:80").is_null(); }));
  CHECK(keys(stage).size() == 4);
}

TEST_CASE("with a lease one session holds every key, and a restart takes it over") {
  Stage stage;
  begin(stage);
  stage.config.kv->lease = std::chrono::seconds(10);
  stage.config.kv->renew_every = std::chrono::milliseconds(200);
  stage.docker.put(one(1));
  stage.docker.put(one(2));
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  const std::string session = entry(stage, "svc/app/host:c1:80").value("Session", "");
  CHECK_FALSE(session.empty());
  CHECK(entry(stage, "svc/app/host:c2:80").value("Session", "") == session);
  CHECK(stage.stop_agent() == 0);
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(stage.metric("longshore_agent_registrations_total") == 0);
  CHECK(entry(stage, "svc/app/host:c1:80").value("Session", "") == session);
  // The session ends and its keys with it: all is written anew under another one.
  REQUIRE(stage.put("/v1/session/destroy/" + session, ""));
  REQUIRE(stage.until([&] { return keys(stage).size() == 2; }));
  CHECK(stage.until([&] {
    const auto row = entry(stage, "svc/app/host:c1:80");
    return row.is_object() && row.value("Session", "") != session;
  }));
  // Without the lease the keys are let go.
  CHECK(stage.stop_agent() == 0);
  stage.config.kv->lease = {};
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(stage.until([&] {
    const auto row = entry(stage, "svc/app/host:c1:80");
    return row.is_object() && row.value("Session", "").empty();
  }));
}
