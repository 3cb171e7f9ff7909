#include <doctest/doctest.h>

#include "common/consul/codec.h"

namespace longshore::consul {
namespace {

using namespace std::chrono_literals;

CheckDefinition ttl_check() {
  CheckDefinition check;
  check.ttl = 30s;
  return check;
}

}  // namespace

TEST_CASE("empty fields are left out") {
  Registration registration;
  registration.name = "web";
  CHECK(encode_registration(registration) == R"({"Name":"web"})");
}

TEST_CASE("all fields of a registration") {
  Registration registration;
  registration.id = "w1";
  registration.name = "web";
  registration.tags = {"a", "b"};
  registration.port = 80;
  registration.address = "10.0.0.1";
  registration.meta = {{"k", "v"}};
  registration.tagged_addresses["lan"] = TaggedAddress{"10.0.0.2", 81};
  registration.enable_tag_override = true;
  registration.weights = Weights{5, 0};
  CHECK(encode_registration(registration) ==
        R"({"Address":"10.0.0.1","EnableTagOverride":true,"ID":"w1","Meta":{"k":"v"},"Name":"web","Port":80,)"
        R"("TaggedAddresses":{"lan":{"Address":"10.0.0.2","Port":81}},"Tags":["a","b"],)"
        R"("Weights":{"Passing":5,"Warning":0}})");
}

TEST_CASE("one check is Check, several are Checks") {
  Registration registration;
  registration.name = "web";
  registration.checks = {ttl_check()};
  CHECK(encode_registration(registration) == R"({"Check":{"TTL":"30s"},"Name":"web"})");
  registration.checks.push_back(ttl_check());
  CHECK(encode_registration(registration) == R"({"Checks":[{"TTL":"30s"},{"TTL":"30s"}],"Name":"web"})");
}

TEST_CASE("an empty check is not lost") {
  Registration registration;
  registration.name = "web";
  registration.checks.emplace_back();
  CHECK(encode_registration(registration) == R"({"Checks":[{}],"Name":"web"})");
  CHECK(decode_registration(R"({"Checks":[{}],"Name":"web"})").value() == registration);
}

TEST_CASE("checks of every kind") {
  CheckDefinition check;
  check.check_id = "c";
  check.http = "https://a/";
  check.method = "POST";
  check.header = {{"X", {"1", "2"}}};
  check.interval = 10s;
  check.timeout = 1500ms;
  check.tls_skip_verify = true;
  check.status = "passing";
  check.success_before_passing = 2;
  check.failures_before_critical = 3;
  check.deregister_critical_after = 90min;
  CHECK(encode_check_registration(CheckRegistration{"w1", check}) ==
        R"({"CheckID":"c","DeregisterCriticalServiceAfter":"1h30m0s","FailuresBeforeCritical":3,)"
        R"("HTTP":"https://a/","Header":{"X":["1","2"]},"Interval":"10s","Method":"POST","ServiceID":"w1",)"
        R"("Status":"passing","SuccessBeforePassing":2,"TLSSkipVerify":true,"Timeout":"1.5s"})");
}

TEST_CASE("sessions") {
  SessionRequest request;
  CHECK(encode_session_request(request) == R"({"Behavior":"release"})");
  request.name = "s";
  request.ttl = 10s;
  request.lock_delay = 0s;
  request.node_checks = std::vector<std::string>{};
  CHECK(encode_session_request(request) ==
        R"({"Behavior":"release","LockDelay":"0s","Name":"s","NodeChecks":[],"TTL":"10s"})");
}

TEST_CASE("transactions") {
  const std::vector<TxnOperation> operations{{"set", "k", "hi", 7, 0, ""}, {"delete-cas", "k", "", 0, 5, ""}};
  CHECK(
      encode_txn(operations) ==
      R"([{"KV":{"Flags":7,"Key":"k","Value":"aGk=","Verb":"set"}},{"KV":{"Index":5,"Key":"k","Verb":"delete-cas"}}])");
}

TEST_CASE("malformed UTF-8 is replaced, never sent") {
  CHECK(encode_ttl_update("passing", "a\xff") == "{\"Output\":\"a\xEF\xBF\xBD\",\"Status\":\"passing\"}");
}

TEST_CASE("what is encoded is decoded") {
  Registration registration;
  registration.id = "w1";
  registration.name = "web";
  registration.tags = {"a"};
  registration.port = 65535;
  registration.meta = {{"k", "v"}};
  registration.tagged_addresses["lan"] = TaggedAddress{"10.0.0.2", 81};
  registration.weights = Weights{5, 3};
  CheckDefinition http;
  http.http = "http://a";
  http.header = {{"X", {"1"}}};
  http.interval = 10s;
  CheckDefinition args;
  args.args = {"a", "b"};
  args.interval = 1min;
  registration.checks = {http, args, ttl_check()};
  CHECK(decode_registration(encode_registration(registration)).value() == registration);
}

}  // namespace longshore::consul
