// Fingerprints of services. The texts have the form in which Consul 1.8.7 writes both answers about the same catalog.
#include <doctest/doctest.h>

#include "common/consul/prints.h"

using namespace longshore;
using namespace longshore::consul;

namespace {

std::string instance_node(std::string_view meta) {
  return R"("Node":{"ID":"a1","Node":"n1","Address":"10.0.0.1","Datacenter":"dc1","TaggedAddresses":null,"Meta":)" +
         std::string(meta) + R"(,"CreateIndex":5,"ModifyIndex":6})";
}
std::string service(std::string_view id, std::string_view name, int modified) {
  return R"({"ID":")" + std::string(id) + R"(","Service":")" + std::string(name) +
         R"(","Tags":["x"],"Address":"","Meta":null,"Port":80,"Weights":{"Passing":1,"Warning":1},)" +
         R"("Proxy":{"MeshGateway":{},"Expose":{}},"Connect":{},"CreateIndex":7,"ModifyIndex":)" +
         std::to_string(modified) + "}";
}
std::string check(std::string_view id, std::string_view service_id, std::string_view status, int modified) {
  return R"({"Node":"n1","CheckID":")" + std::string(id) + R"(","Status":")" + std::string(status) +
         R"(","Output":"\"}]","ServiceID":")" + std::string(service_id) +
         R"(","ServiceTags":[],"Definition":{},"CreateIndex":8,"ModifyIndex":)" + std::to_string(modified) + "}";
}

std::uint64_t of_answer(const std::string& text, CheckDetail detail = CheckDetail::status) {
  const auto print = print_of_instances(text, detail);
  REQUIRE(print);
  return print->value;
}
std::uint64_t of_list(const std::string& text, std::string_view name, CheckDetail detail = CheckDetail::status) {
  const auto prints = decode_service_prints(text, detail);
  REQUIRE(prints);
  for (const ServicePrint& print : *prints)
    if (print.name == name) return print.print;
  return 0;
}

std::string answer(int modified, std::string_view status, int checked, std::string_view meta = "{}") {
  return "[{" + instance_node(meta) + R"(,"Service":)" + service("web-1", "web", modified) + R"(,"Checks":[)" +
         check("serfHealth", "", "passing", 3) + "," + check("service:web-1", "web-1", status, checked) + "]}]";
}
std::string list(int modified, std::string_view status, int checked, std::string_view meta = "null") {
  return R"([{"ID":"a1","Node":"n1","Address":"10.0.0.1","TaggedAddresses":null,"Meta":)" + std::string(meta) +
         R"(,"Services":[)" + service("db-1", "d\\u0026b", 2) + "," + service("web-1", "web", modified) +
         R"(],"Checks":[)" + check("service:web-1", "web-1", status, checked) + "," +
         check("service:db-1", "db-1", "critical", 99) + "," + check("serfHealth", "", "passing", 3) +
         R"(]},{"ID":"","Node":"empty","Address":"10.0.0.2","TaggedAddresses":null,"Meta":null,"Services":null,"Checks":[]}])";
}

}  // namespace

TEST_CASE("an answer and the list of everything agree on what they both show") {
  CHECK(of_answer(answer(9, "passing", 11)) == of_list(list(9, "passing", 11), "web"));
  CHECK(of_answer(answer(9, "critical", 11)) == of_list(list(9, "critical", 11), "web"));
  CHECK(of_answer(answer(9, "passing", 11, R"({"az":"1"})")) ==
        of_list(list(9, "passing", 11, R"({"az":"1"})"), "web"));
  CHECK(of_list(list(9, "passing", 11), "d&b") != 0);
}

TEST_CASE("what a template could see changes the print") {
  const std::uint64_t known = of_answer(answer(9, "passing", 11));
  CHECK(known != of_list(list(10, "passing", 11), "web"));
  CHECK(known != of_list(list(9, "warning", 11), "web"));
  CHECK(known != of_list(list(9, "passing", 11, R"({"az":"1"})"), "web"));
}

TEST_CASE("a new output of a check counts only where checks are shown") {
  CHECK(of_answer(answer(9, "passing", 11)) == of_list(list(9, "passing", 12), "web"));
  CHECK(of_answer(answer(9, "passing", 11), CheckDetail::full) ==
        of_list(list(9, "passing", 11), "web", CheckDetail::full));
  CHECK(of_answer(answer(9, "passing", 11), CheckDetail::full) !=
        of_list(list(9, "passing", 12), "web", CheckDetail::full));
}

TEST_CASE("a service without instances has the print of nothing") {
  CHECK(of_answer("[]") == 0);
  CHECK(of_answer("null") == 0);
  CHECK(of_list(list(9, "passing", 11), "other") == 0);
  CHECK(of_list("[]", "web") == 0);
}

TEST_CASE("an answer that is cut off is an error, not a print") {
  const std::string whole = list(9, "passing", 11);
  for (std::size_t length = 1; length < whole.size(); ++length)
    CHECK_FALSE(decode_service_prints(whole.substr(0, length), CheckDetail::status));
  CHECK_FALSE(print_of_instances("[{\"Node\":", CheckDetail::status));
}

TEST_CASE(
    "property: a book that is read again and again says what a fresh reading says, whatever pieces the list comes in") {
  struct Node {
    std::string name, meta;
    std::vector<std::pair<std::string, int>> services;  // with their ModifyIndex
    bool operator==(const Node&) const = default;
  };
  const auto written = [](const std::vector<Node>& nodes) {
    std::string out;
    for (const Node& node : nodes) {
      std::string services;
      for (const auto& [name, modified] : node.services)
        services += (services.empty() ? "" : ",") + service(name + "-" + node.name, name, modified);
      out += (out.empty() ? "" : ",") + std::string(R"({"ID":"","Node":")") + node.name +
             R"(","Address":"10.0.0.1","Meta":)" + node.meta + R"(,"Services":[)" + services + R"(],"Checks":[)" +
             check("serfHealth", "", node.meta == "{}" ? "passing" : "critical", 1) + "]}";
    }
    return "[" + out + "]\n";
  };
  std::uint64_t state = 11;
  const auto one_of = [&state](std::size_t count) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state >> 33) % count;
  };
  PrintBook book(CheckDetail::status);
  std::vector<Node> nodes;
  int modified = 1;
  for (int round = 0; round < 400; ++round) {
    for (std::size_t changes = one_of(4); changes > 0; --changes) {
      const std::size_t at = nodes.empty() ? 0 : one_of(nodes.size());
      if (nodes.size() < 3 || one_of(4) == 0)
        nodes.insert(nodes.begin() + static_cast<long>(at),
                     {"n" + std::to_string(++modified), "{}", {{"web", modified}}});
      else if (one_of(4) == 0)
        nodes.erase(nodes.begin() + static_cast<long>(at));
      else if (one_of(3) == 0)
        nodes[at].meta = nodes[at].meta == "{}" ? R"({"k":"a longer text"})" : "{}";
      else
        nodes[at].services = {{"web", ++modified}, {"db" + std::to_string(one_of(3)), modified}};
    }
    if (one_of(60) == 0) nodes.clear();
    const std::string text = written(nodes);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = 1 + one_of(one_of(2) == 0 ? 9 : 2000);
      book.feed(std::string_view(text).substr(at, length));
      at += length;
    }
    const auto again = book.finish();
    const auto fresh = decode_service_prints(text, CheckDetail::status);
    REQUIRE(fresh);
    REQUIRE(again);
    REQUIRE(*again == *fresh);
  }
}

TEST_CASE("an answer's print knows its nodes, unless a name is written with escapes") {
  const auto print = print_of_instances(answer(9, "passing", 11), CheckDetail::status);
  REQUIRE(print->nodes);
  CHECK(*print->nodes == std::vector<std::uint64_t>{std::hash<std::string>()("n1")});
  CHECK_FALSE(
      print_of_instances(R"([{"Node":{"Node":"a\u0026b"},"Service":{},"Checks":[]}])", CheckDetail::status)->nodes);
}
