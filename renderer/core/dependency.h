// What a template needs from Consul or from this machine, as a key. Two templates that need the same thing make equal
// keys and share one watch. What a template makes of the answer (tag, status, single level of a prefix) is not part of
// the key: it is a view over the same data, see recall.h.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/consul/model.h"
#include "renderer/core/rare_text.h"

namespace longshore::render {

struct Dependency {
  enum class Kind : std::uint8_t {
    service,            // /v1/health/service/<name>, never filtered by the server: see hold.h
    services,           // /v1/catalog/services
    nodes,              // /v1/catalog/nodes
    node,               // /v1/catalog/node/<name>; name "" = the node of the agent we ask
    key,                // /v1/kv/<name>
    tree,               // /v1/kv/<name>?recurse
    datacenters,        // /v1/catalog/datacenters, polled; name "up" = those that answer a read of their catalog
    connect,            // /v1/health/connect/<name>, otherwise like service
    ca_roots,           // /v1/agent/connect/ca/roots
    ca_leaf,            // /v1/agent/connect/ca/leaf/<name>
    partitions,         // /v1/partitions
    peerings,           // /v1/peerings
    exported_services,  // /v1/exported-services
    imported_services,  // /v1/imported-services
    file,               // a local file; argument: the folder that it has to be in, if any
    plugin,             // what a program says; the rest of its command line are the arguments
    nginx,              // what the nginx that is told can do: see nginx_build.h
    interfaces,         // this machine's addresses and its default route
    certificates,       // those in a folder: see certificates.h
  };
  // Nothing that Consul knows.
  bool local() const { return kind >= Kind::file; }
  // The answer is a list of instances of a service.
  bool has_instances() const { return kind == Kind::service || kind == Kind::connect; }

  Kind kind = Kind::service;
  std::string name = {};     // service, node, key or prefix
  RareText datacenter = {};  // "" = the agent's
  RareText near = {};        // "" = sorted by us
  RareText ns = {};
  RareText partition = {};
  RareText peer = {};
  RareText sameness_group = {};
  std::vector<std::string> arguments = {};
  bool checks = false;  // service: some template may look at the checks themselves, not only at what they come to

  auto operator<=>(const Dependency&) const = default;
  bool operator==(const Dependency&) const = default;
};

using Dependencies = std::set<Dependency>;

// Stable, unique, for logs and pages: "health.service(web@dc1~_agent)". Source of the form: consul-template, String().
std::string to_string(const Dependency& dependency);

// The part of the key that travels as query parameters.
consul::QueryOptions query_options(const Dependency& dependency);

}  // namespace longshore::render
