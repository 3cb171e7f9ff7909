#include "renderer/core/history.h"

#include <doctest/doctest.h>

namespace longshore::render {
namespace {

using Kind = InstanceChange::Kind;
using std::chrono::seconds;

InstancePtr instance(const std::string& id, Health health = Health::passing, const std::string& address = "10.0.0.1") {
  auto node = std::make_shared<consul::Node>();
  node->node = "n1";
  node->address = "192.168.0.1";
  consul::Service service;
  service.id = id;
  service.name = "web";
  service.address = address;
  service.port = 80;
  return std::make_shared<const Instance>(Instance{{std::move(node), std::move(service), {}}, health, 1});
}

TEST_CASE("what differs between two answers is told once") {
  const InstancePtr a = instance("a");
  const InstancePtr b = instance("b");
  const InstancePtr sick = instance("b", Health::critical);
  const InstancePtr moved = instance("b", Health::passing, "10.0.0.9");
  History history;
  const base::TimePoint at{seconds(5)};
  history.compare({{a}}, {{a, b}}, 7, at);
  history.compare({{a, b}}, {{a, sick}}, 8, at);
  history.compare({{a, sick}}, {{a, moved}}, 9, at);
  history.compare({{a, instance("b")}}, {{a, moved}}, 10, at);
  history.compare({{a, sick}}, {{a}}, 11, at);
  history.compare({{a}}, {{a}}, 12, at);
  history.left(*a, "withdrawn", 0, at);
  const std::deque<InstanceChange> expected = {
      {Kind::appeared, at, 7, "web", "n1", "b", "10.0.0.1:80", "passing"},
      {Kind::health, at, 8, "web", "n1", "b", "10.0.0.1:80", "passing -> critical"},
      {Kind::health, at, 9, "web", "n1", "b", "10.0.0.9:80", "critical -> passing"},
      {Kind::changed, at, 10, "web", "n1", "b", "10.0.0.9:80", "was 10.0.0.1:80"},
      {Kind::left, at, 11, "web", "n1", "b", "10.0.0.1:80", "it is not in Consul's answer any more and was critical"},
      {Kind::left, at, 0, "web", "n1", "a", "10.0.0.1:80", "withdrawn"},
  };
  CHECK(history.entries() == expected);
}

TEST_CASE("equal instances in new objects are no change") {
  History history;
  const InstancePtr one = instance("a");
  auto twin = std::make_shared<const Instance>(*one);
  history.compare({{one}}, {{twin}}, 3, {});
  CHECK(history.entries().empty());
}

TEST_CASE("the oldest entries make room") {
  History history;
  for (std::size_t i = 0; i < History::kMost + 5; ++i) history.left(*instance("i" + std::to_string(i)), "", 0, {});
  CHECK(history.entries().size() == History::kMost);
  CHECK(history.entries().front().id == "i5");
}

TEST_CASE("the address is what templates send requests to") {
  CHECK(address_of(*instance("a")) == "10.0.0.1:80");
  CHECK(address_of(*instance("a", Health::passing, "")) == "192.168.0.1:80");
  CHECK(address_of(*instance("a", Health::passing, "2001:db8::1")) == "[2001:db8::1]:80");
}

}  // namespace
}  // namespace longshore::render
