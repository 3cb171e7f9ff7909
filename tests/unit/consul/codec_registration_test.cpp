#include <doctest/doctest.h>

#include "common/consul/codec.h"

namespace longshore::consul {

using namespace std::chrono_literals;

TEST_CASE("names in any case, with and without underscores") {
  for (const char* text :
       {R"({"ID":"w1","Name":"web","EnableTagOverride":true,"TaggedAddresses":{"lan":{"Address":"a","Port":1}}})",
        R"({"id":"w1","name":"web","enable_tag_override":true,"tagged_addresses":{"lan":{"address":"a","port":1}}})",
        R"({"Id":"w1","NAME":"web","enabletagoverride":true,"taggedaddresses":{"lan":{"ADDRESS":"a","PORT":1}}})"}) {
    const auto result = decode_registration(text);
    REQUIRE(result);
    CHECK(result->id == "w1");
    CHECK(result->enable_tag_override);
    CHECK(result->tagged_addresses.at("lan") == TaggedAddress{"a", 1});
  }
}

TEST_CASE("keys of Meta and of headers are left alone") {
  const auto result =
      decode_registration(R"({"Name":"x","Meta":{"Some_Key":"v"},"Check":{"Header":{"X_a":["1"]},"TTL":"1s"}})");
  REQUIRE(result);
  CHECK(result->meta == StringMap{{"Some_Key", "v"}});
  CHECK(result->checks.front().header.at("X_a") == std::vector<std::string>{"1"});
}

TEST_CASE("Check and Checks add up, an empty Check is none") {
  CHECK(
      decode_registration(R"({"Name":"x","Check":{"TTL":"1s"},"Checks":[{"TTL":"2s"},{"TTL":"3s"}]})")->checks.size() ==
      3);
  CHECK(decode_registration(R"({"Name":"x","Check":{}})")->checks.empty());
  CHECK(decode_registration(R"({"Name":"x","Check":null,"Checks":null})")->checks.empty());
}

TEST_CASE("durations are Go strings or nanoseconds") {
  const auto result = decode_registration(
      R"({"Name":"x","Check":{"Interval":"1m30s","Timeout":2000000000,"DeregisterCriticalServiceAfter":""}})");
  REQUIRE(result);
  CHECK(result->checks.front().interval == 90s);
  CHECK(result->checks.front().timeout == 2s);
  CHECK(result->checks.front().deregister_critical_after == 0s);
}

TEST_CASE("the arguments of scripts under both names") {
  CHECK(decode_registration(R"({"Name":"x","Check":{"Args":["a"]}})")->checks.front().args ==
        std::vector<std::string>{"a"});
  CHECK(decode_registration(R"({"Name":"x","Check":{"script_args":["b"]}})")->checks.front().args ==
        std::vector<std::string>{"b"});
}

TEST_CASE("what is wrong names its place") {
  const std::pair<const char*, const char*> table[] = {
      {"[]", "service: expected an object, found array"},
      {R"({"Port":"80"})", "Port: expected an integer, found string"},
      {R"({"Port":65536})", "Port: must be 0 to 65535"},
      {R"({"Port":-1})", "Port: must be 0 to 65535"},
      {R"({"Tags":"a"})", "Tags: expected an array, found string"},
      {R"({"Meta":{"a":1}})", "Meta.a: expected a string, found number"},
      {R"({"Check":[]})", "Check: expected an object, found array"},
      {R"({"Checks":[1]})", "Checks[0]: expected an object, found number"},
      {R"({"Checks":[{"Header":{"a":"b"}}]})", "Checks[0].Header.a: expected an array, found string"},
      {R"({"Check":{"Interval":true}})", "Check.Interval: expected a duration, found boolean"},
      {R"({"Weights":{"Passing":-1}})", "Weights.Passing: out of range"}};
  for (const auto& [text, reason] : table) {
    CAPTURE(text);
    const auto result = decode_registration(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().text == reason);
  }
  const auto duration = decode_registration(R"({"Check":{"Interval":"10"}})");
  REQUIRE_FALSE(duration);
  CHECK(duration.error().text.starts_with("Check.Interval: "));
}

TEST_CASE("a check of its own brings its service") {
  const auto result =
      decode_check_registration(R"({"ID":"c","Name":"n","service_id":"w1","tcp":"a:1","interval":"5s"})");
  REQUIRE(result);
  CHECK(result->service_id == "w1");
  CHECK(result->check.check_id == "c");
  CHECK(result->check.tcp == "a:1");
  CHECK(decode_check_registration(R"({"CheckID":"a","ID":"b","Name":"n"})")->check.check_id == "a");
}

TEST_CASE("sessions: the body may be absent; small lock delays are seconds") {
  CHECK(decode_session_request("").value() == SessionRequest{});
  const auto result =
      decode_session_request(R"({"Name":"s","TTL":"10s","LockDelay":5,"Behavior":"delete","Checks":["a"]})");
  REQUIRE(result);
  CHECK(result->ttl == 10s);
  CHECK(result->lock_delay == 5s);
  CHECK(result->behavior == "delete");
  CHECK(result->node_checks == std::vector<std::string>{"a"});
  CHECK(decode_session_request(R"({"LockDelay":"0s"})")->lock_delay == 0s);
  CHECK(decode_session_request(R"({"LockDelay":2000000000})")->lock_delay == 2s);
  CHECK_FALSE(decode_session_request("{}")->lock_delay);
}

TEST_CASE("transactions: keys only") {
  const auto result = decode_txn(R"([{"KV":{"Verb":"set","Key":"k","Value":"aGk=","Flags":1}},{}])");
  REQUIRE(result);
  REQUIRE(result->size() == 1);
  CHECK(result->front() == TxnOperation{"set", "k", "hi", 1, 0, ""});
  CHECK(decode_txn(R"([{"Node":{"Verb":"get"}}])").error().code == Errc::rejected);
  CHECK_FALSE(decode_txn("{}"));
  CHECK_FALSE(decode_txn(R"([{"KV":{"Value":"%"}}])"));
}

}  // namespace longshore::consul
