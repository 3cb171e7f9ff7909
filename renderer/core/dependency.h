// What a template needs from Consul, as a key. Two templates that need the same thing make equal keys and share one
// watch. What a template makes of the answer (tag, status, single level of a prefix) is not part of the key: it is a
// view over the same data, see recall.h.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "common/consul/model.h"

namespace longshore::render {

struct Dependency {
  enum class Kind : std::uint8_t {
    service,      // /v1/health/service/<name>, never filtered by the server: see hold.h
    services,     // /v1/catalog/services
    nodes,        // /v1/catalog/nodes
    node,         // /v1/catalog/node/<name>; name "" = the node of the agent we ask
    key,          // /v1/kv/<name>
    tree,         // /v1/kv/<name>?recurse
    datacenters,  // /v1/catalog/datacenters, polled
  };

  Kind kind = Kind::service;
  std::string name = {};        // service, node, key or prefix
  std::string datacenter = {};  // "" = the agent's
  std::string near = {};        // "" = sorted by us
  std::string ns = {};
  std::string partition = {};
  std::string peer = {};
  std::string sameness_group = {};

  auto operator<=>(const Dependency&) const = default;
  bool operator==(const Dependency&) const = default;
};

using Dependencies = std::set<Dependency>;

// Stable, unique, for logs and pages: "health.service(web@dc1~_agent)". Source of the form: consul-template, String().
std::string to_string(const Dependency& dependency);

// The part of the key that travels as query parameters.
consul::QueryOptions query_options(const Dependency& dependency);

}  // namespace longshore::render
