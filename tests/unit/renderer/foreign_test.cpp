// Environments on one Consul: who is left out, and who is told of it.
#include <doctest/doctest.h>

#include "common/consul/service_env.h"
#include "renderer/core/foreign.h"

using namespace longshore;
using namespace longshore::render;

namespace {

// "a1=staging" is instance a1 of it, "a1" one of no name.
std::vector<consul::ServiceEntry> entries(const std::vector<std::string>& items) {
  std::vector<consul::ServiceEntry> out;
  for (const std::string& item : items) {
    consul::ServiceEntry entry;
    const std::size_t equals = item.find('=');
    entry.node.node = "n";
    entry.service.name = "web";
    entry.service.id = item.substr(0, equals);
    if (equals != std::string::npos) entry.service.meta["longshore-env"] = item.substr(equals + 1);
    out.push_back(std::move(entry));
  }
  return out;
}

std::string ids(const std::vector<consul::ServiceEntry>& list) {
  std::string out;
  for (const consul::ServiceEntry& one : list) out += (out.empty() ? "" : " ") + one.service.id;
  return out;
}

std::string refused(const std::vector<ForeignInstances::Refusal>& list) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "" : " ") + one.id + ":" + one.environment;
  return out;
}

Dependency web() {
  Dependency on;
  on.kind = Dependency::Kind::service;
  on.name = "web";
  return on;
}

}  // namespace

TEST_CASE("an environment sees its own and what is for everybody") {
  struct Case {
    std::optional<std::string> own;
    std::string seen;
    std::string refused;
  };
  const Case cases[] = {{"staging", "a c", "b:prod d:"},
                        {"", "c d", "a:staging b:prod"},
                        {"prod", "b c", "a:staging d:"},
                        {"test", "c", "a:staging b:prod d:"},
                        {std::nullopt, "a b c d", ""}};
  for (const Case& row : cases) {
    ForeignInstances foreign(row.own);
    auto answer = entries({"a=staging", "b=prod", "c=*", "d"});
    CHECK(refused(foreign.remove(web(), answer)) == row.refused);
    CHECK(ids(answer) == row.seen);
  }
}

TEST_CASE("each is named once, and counted while it is there") {
  ForeignInstances foreign("prod");
  auto answer = entries({"a=staging", "b=prod"});
  CHECK(refused(foreign.remove(web(), answer)) == "a:staging");
  answer = entries({"a=staging", "c", "b=prod"});
  CHECK(refused(foreign.remove(web(), answer)) == "c:");
  CHECK(ids(answer) == "b");
  CHECK(foreign.present() == 2);
  CHECK(foreign.total() == 2);
  answer = entries({"b=prod"});
  CHECK(foreign.remove(web(), answer).empty());
  CHECK(foreign.present() == 0);
  answer = entries({"a=staging"});
  CHECK(refused(foreign.remove(web(), answer)) == "a:staging");
  CHECK(foreign.total() == 3);
  foreign.forget(web());
  CHECK(foreign.present() == 0);
  std::map<std::string, consul::Service> of_node;
  for (const auto& one : entries({"a=staging", "b=prod"})) of_node[one.service.id] = one.service;
  foreign.remove(of_node);
  CHECK(of_node.size() == 1);
}

TEST_CASE("the environment of a prefix") {
  CHECK(consul::environment_of_prefix("longshore/") == "");
  CHECK(consul::environment_of_prefix("longshore/prod/") == "prod");
}
