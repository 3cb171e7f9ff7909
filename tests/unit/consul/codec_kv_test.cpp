#include <doctest/doctest.h>

#include "common/consul/codec.h"

namespace longshore::consul {

using namespace std::chrono_literals;

TEST_CASE("keys with all fields") {
  const auto pairs = decode_kv_list(
      R"([{"LockIndex":2,"Key":"a/b","Flags":18446744073709551615,"Value":"aGk=","Session":"s","CreateIndex":5,"ModifyIndex":7}])");
  CHECK(pairs.value().front() == KvPair{"a/b", "hi", 18446744073709551615ULL, 5, 7, 2, "s"});
}

TEST_CASE("an empty value is null") {
  CHECK(decode_kv_list(R"([{"Key":"a","Value":null}])").value().front().value.empty());
  CHECK(decode_kv_list("null").value().empty());
}

TEST_CASE("bad keys") {
  CHECK(decode_kv_list(R"([{"Key":"a","Value":"%"}])").error().text ==
        "kv[0].Value: illegal base64 data at input byte 0");
  CHECK_FALSE(decode_kv_list(R"([{"Key":1}])"));
  CHECK_FALSE(decode_kv_list(R"({"Key":"a"})"));
  CHECK_FALSE(decode_kv_list(R"([{"Flags":-1}])"));
}

TEST_CASE("both answers of a transaction") {
  const auto good = decode_txn_answer(R"({"Results":[{"KV":{"Key":"a","Value":null}},{"Node":{}}],"Errors":null})");
  REQUIRE(good);
  CHECK(good->results.size() == 1);
  CHECK(good->errors.empty());
  const auto bad = decode_txn_answer(R"({"Results":null,"Errors":[{"OpIndex":1,"What":"no"}]})");
  CHECK(bad.value().errors == std::vector<TxnError>{{1, "no"}});
}

TEST_CASE("sessions") {
  CHECK(decode_session_id(R"({"ID":"s"})").value() == "s");
  CHECK_FALSE(decode_session_id("{}"));
  const auto sessions = decode_sessions(
      R"([{"ID":"s","Name":"n","Node":"h","LockDelay":15000000000,"Behavior":"delete","TTL":"1m30s"},{"ID":"t","TTL":""}])");
  REQUIRE(sessions);
  CHECK((*sessions)[0] == Session{"s", "n", "h", 90s, "delete"});
  CHECK((*sessions)[1].ttl == 0s);
  CHECK(decode_sessions("null").value().empty());
  CHECK_FALSE(decode_sessions(R"([{"TTL":"x"}])"));
}

TEST_CASE("plain documents") {
  CHECK(decode_boolean("true\n").value());
  CHECK_FALSE(decode_boolean("1"));
  CHECK(decode_text("\"127.0.0.1:8300\"").value() == "127.0.0.1:8300");
  CHECK_FALSE(decode_text("null"));
  CHECK(decode_texts(R"(["a","b"])").value() == std::vector<std::string>{"a", "b"});
  CHECK(decode_texts("null").value().empty());
  CHECK_FALSE(decode_texts("{}"));
}

}  // namespace longshore::consul
