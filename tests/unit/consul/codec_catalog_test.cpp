#include <doctest/doctest.h>

#include "common/consul/codec.h"

namespace longshore::consul {

// Shapes as Consul 1.8.7 answers them, shortened.
TEST_CASE("an instance of health/service") {
  const auto entries = decode_health_service(R"([{"Node":{"ID":"n-id","Node":"n1","Address":"10.0.0.1",
    "Datacenter":"dc1","TaggedAddresses":{"lan":"10.0.0.1"},"Meta":{"rack":"1"},"CreateIndex":1,"ModifyIndex":2},
    "Service":{"ID":"w1","Service":"web","Tags":["a","b"],"Address":"10.0.0.9","Port":80,"Meta":{"k":"v"},
    "TaggedAddresses":{"lan_ipv4":{"Address":"10.0.0.9","Port":80}},"Weights":{"Passing":5,"Warning":2},
    "EnableTagOverride":true,"Proxy":{},"Connect":{}},
    "Checks":[{"Node":"n1","CheckID":"service:w1","Name":"c","Status":"passing","Notes":"n","Output":"o",
    "ServiceID":"w1","ServiceName":"web","ServiceTags":["a"],"Type":"ttl","Definition":{"TTL": "5s"},"ModifyIndex":7,"New":1}]}])");
  REQUIRE(entries);
  REQUIRE(entries->size() == 1);
  const ServiceEntry& entry = entries->front();
  CHECK(entry.node == Node{"n-id", "n1", "10.0.0.1", "dc1", {{"lan", "10.0.0.1"}}, {{"rack", "1"}}});
  CHECK(entry.service.id == "w1");
  CHECK(entry.service.name == "web");
  CHECK(entry.service.tags == std::vector<std::string>{"a", "b"});
  CHECK(entry.service.port == 80);
  CHECK(entry.service.meta.at("k") == "v");
  CHECK(entry.service.tagged_addresses.at("lan_ipv4") == TaggedAddress{"10.0.0.9", 80});
  CHECK(entry.service.weights == Weights{5, 2});
  CHECK(entry.service.enable_tag_override);
  REQUIRE(entry.checks.size() == 1);
  CHECK(entry.checks.front() == HealthCheck{"n1",
                                            "service:w1",
                                            "c",
                                            "passing",
                                            "n",
                                            "o",
                                            "w1",
                                            "web",
                                            {"a"},
                                            "ttl",
                                            R"({"Definition":{"TTL": "5s"},"ModifyIndex":7})"});
}

TEST_CASE("null tags, maps and lists are empty; weights default to one") {
  const auto entries = decode_health_service(
      R"([{"Node":{"Node":"n","TaggedAddresses":null,"Meta":null},"Service":{"ID":"a","Service":"a","Tags":null,
      "Meta":null},"Checks":null}])");
  REQUIRE(entries);
  CHECK(entries->front().service.weights == Weights{1, 1});
  CHECK(entries->front().checks.empty());
  // Templates tell null and nothing from empty.
  CHECK(entries->front().node.null_meta);
  CHECK(entries->front().node.null_tagged_addresses);
  CHECK(entries->front().service.null_meta);
  CHECK(entries->front().service.null_tagged_addresses);
  const auto empty = decode_health_service(
      R"([{"Node":{"Meta":{},"TaggedAddresses":{}},"Service":{"Meta":{},"TaggedAddresses":{}}}])");
  REQUIRE(empty);
  CHECK_FALSE(empty->front().node.null_meta);
  CHECK_FALSE(empty->front().node.null_tagged_addresses);
  CHECK_FALSE(empty->front().service.null_meta);
  CHECK_FALSE(empty->front().service.null_tagged_addresses);
  CHECK(decode_health_service("null")->empty());
  CHECK(decode_health_service("[]")->empty());
}

TEST_CASE("a port that cannot be does not hide the other instances") {
  const auto entries = decode_health_service(R"([{"Node":{"Node":"n"},"Service":{"ID":"a","Port":70000}},
    {"Node":{"Node":"n"},"Service":{"ID":"b","Port":-1}},{"Node":{"Node":"n"},"Service":{"ID":"c","Port":80}}])");
  REQUIRE(entries);
  CHECK((*entries)[0].service.port == 0);
  CHECK((*entries)[1].service.port == 0);
  CHECK((*entries)[2].service.port == 80);
}

TEST_CASE("wrong documents are protocol errors that name the place") {
  const std::pair<const char*, const char*> table[] = {
      {"{}", "instances: expected an array, found object"},
      {"[1]", "instances[0]: expected an object, found number"},
      {R"([{"Node":{}}])", "instances[0]: no Node or no Service"},
      {R"([{"Node":{},"Service":{"Port":"80"}}])", "instances[0].Service.Port: expected an integer, found string"},
      {R"([{"Node":{},"Service":{"Tags":[1]}}])", "instances[0].Service.Tags: expected strings, found number"},
      {R"([{"Node":{},"Service":{},"Checks":[{"Status":1}]}])",
       "instances[0].Checks[0].Status: expected a string, found number"}};
  for (const auto& [text, reason] : table) {
    const auto result = decode_health_service(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::protocol);
    CHECK(result.error().text == reason);
  }
}

TEST_CASE("health alone: of the checks only what decides it") {
  const auto entries = decode_health_service(R"([{"Node":{"Node":"n1"},"Service":{"ID":"w1"},
    "Checks":[{"Node":"n1","CheckID":"c","Status":"warning","Output":"long","ServiceTags":["a"]}]}])",
                                             CheckDetail::status);
  REQUIRE(entries);
  HealthCheck bare;
  bare.check_id = "c";
  bare.status = "warning";
  CHECK(entries->front().checks == std::vector<HealthCheck>{bare});
}

TEST_CASE("marks: what tells that something changed") {
  const auto marks = decode_node_marks(R"({"Node":{"Node":"n1","Meta":{"ModifyIndex":"x"},"ModifyIndex":5},
    "Services":[{"ID":"w1","Service":"web","Tags":[],"Weights":{"Passing":1},"CreateIndex":7,"ModifyIndex":9}]})");
  CHECK(marks.value() == NodeMarks{5, {{"w1", "web", 9}}});
  CHECK(decode_node_marks(R"({"Node":null,"Services":null})").value() == NodeMarks{});
  CHECK(decode_node_marks("null").value() == NodeMarks{});
  CHECK_FALSE(decode_node_marks(R"({"Services":{}})"));
  CHECK(decode_check_marks(R"([{"Node":"n1","CheckID":"c","Status":"critical","ServiceID":"w1","ServiceName":"web"},
    {"Node":"n2","CheckID":"serfHealth","ServiceName":""}])")
            .value() == std::vector<CheckMark>{{"n1", "c", "web"}, {"n2", "serfHealth", ""}});
  CHECK(decode_node_names(R"([{"ID":"x","Node":"n1"},{"Node":"n2","Meta":null}])").value() ==
        std::vector<std::string>{"n1", "n2"});
}

TEST_CASE("marks: what is written as it was is taken from what is known") {
  const auto service = [](std::string_view id, int modified) {
    return R"({"ID":")" + std::string(id) + R"(","Service":"web","Meta":{"a":"}]"},"ModifyIndex":)" +
           std::to_string(modified) + "}";
  };
  const auto list = [](const std::vector<std::string>& services) {
    std::string out;
    for (const std::string& one : services) out += (out.empty() ? "" : ",") + one;
    return R"({"Node":{"Node":"n1","ModifyIndex":5},"Services":[)" + out + "]}";
  };
  const auto known = decode_node_marks(list({service("a", 1), service("b", 2), service("c", 3)}));
  REQUIRE(known);
  for (const std::string& text :
       {list({service("a", 1), service("b", 2), service("c", 3)}),
        list({service("a", 1), service("b", 22), service("c", 3)}), list({service("a", 1), service("c", 3)}),
        list({service("a", 1), service("aa", 4), service("b", 2), service("c", 3)}),
        list({service("c", 3), service("a", 1)}), list({})}) {
    INFO(text);
    CHECK(decode_node_marks(text, known->services).value() == decode_node_marks(text).value());
  }
  // The same text is not read again: here it would be found to be no service of that name.
  auto other = known->services;
  other[1].name = "remembered";
  CHECK(decode_node_marks(list({service("a", 1), service("b", 2)}), other)->services[1].name == "remembered");
  CHECK_FALSE(decode_node_marks(list({service("a", 1)}).substr(0, 90), known->services));
}

TEST_CASE("names of catalog/services") {
  CHECK(decode_catalog_services(R"({"consul":[],"web":["a","b"]})").value() ==
        ServiceNames{{"consul", {}}, {"web", {"a", "b"}}});
  CHECK(decode_catalog_services("null").value().empty());
  CHECK_FALSE(decode_catalog_services("[]"));
  CHECK_FALSE(decode_catalog_services(R"({"a":"b"})"));
}

TEST_CASE("catalog/node: unknown nodes are nothing, in both forms that Consul uses") {
  CHECK_FALSE(decode_catalog_node("null").value());
  CHECK_FALSE(decode_catalog_node(R"({"Node":null,"Services":null})").value());
  const auto known = decode_catalog_node(R"({"Node":{"Node":"n1"},"Services":{"w1":{"ID":"w1","Service":"web"}}})");
  REQUIRE(known);
  REQUIRE(*known);
  CHECK((*known)->node.node == "n1");
  CHECK((*known)->services.at("w1").name == "web");
}

TEST_CASE("the agent's services and checks by ID") {
  const auto services = decode_agent_services(R"({"w1":{"ID":"w1","Service":"web","Port":1}})");
  CHECK(services.value().at("w1").port == 1);
  const auto checks = decode_agent_checks(R"({"c":{"CheckID":"c","Status":"critical"}})");
  CHECK(checks.value().at("c").status == "critical");
  CHECK(decode_agent_services("{}").value().empty());
}

TEST_CASE("agent/self of old and newer agents") {
  const auto old_form = decode_agent_self(
      R"({"Config":{"Datacenter":"dc1","NodeName":"n1","NodeID":"id","Version":"1.8.7"},"Member":{"Addr":"10.0.0.1"}})");
  CHECK(old_form.value() == AgentSelf{"n1", "id", "dc1", "1.8.7", "10.0.0.1"});
  const auto no_member = decode_agent_self(R"({"Config":{},"DebugConfig":{"AdvertiseAddrLAN":"10.0.0.2"}})");
  CHECK(no_member.value().advertise_address == "10.0.0.2");
  CHECK_FALSE(decode_agent_self("{}"));
}

}  // namespace longshore::consul
