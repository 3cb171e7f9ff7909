// Consul entries for tests, in few words.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "common/consul/model.h"
#include "renderer/core/data.h"

namespace longshore::render::test {

inline consul::ServiceEntry entry(std::string node, std::string id, std::string name, std::string address,
                                  std::uint16_t port, std::string status = "passing") {
  consul::ServiceEntry out;
  out.node.node = node;
  out.node.address = "192.0.2.1";
  out.service.id = std::move(id);
  out.service.name = std::move(name);
  out.service.address = std::move(address);
  out.service.port = port;
  consul::HealthCheck check;
  check.node = std::move(node);
  check.check_id = "service:" + out.service.id;
  check.status = std::move(status);
  out.checks.push_back(std::move(check));
  return out;
}

inline Dependency service_named(std::string name) {
  Dependency on;
  on.name = std::move(name);
  return on;
}

inline consul::KvPair pair(std::string key, std::string value, std::uint64_t modify_index = 1) {
  consul::KvPair out;
  out.key = std::move(key);
  out.value = std::move(value);
  out.modify_index = modify_index;
  return out;
}

}  // namespace longshore::render::test
