// Where requests for a service come in, in the words of other tools: nginx-proxy's VIRTUAL_HOST, VIRTUAL_PATH and
// VIRTUAL_PORT, and Rancher's io.rancher.loadbalancer.target.<service>. They become the Meta that routing reads: host,
// path, port. Pure. Source of the grammars: the READMEs of nginx-proxy and of Rancher 1.x' load balancer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/metadata.h"
#include "common/consul/model.h"
#include "common/docker/model.h"

namespace longshore::agent {

// Meta of the container that carries target labels, for load balancers of other hosts: "service=host/path=port,…".
inline constexpr std::string_view kMetaTargets = "longshore-targets";

struct Route {
  std::string host;        // lower case; may begin with "*."
  std::string path;        // starts with '/'; "" = not said
  std::uint16_t port = 0;  // of the container; 0 = not said
  auto operator<=>(const Route&) const = default;
};

// One label io.rancher.loadbalancer.target.<service>.
struct RouteTarget {
  std::string stack;  // "" = any
  std::string service;
  std::vector<Route> routes;
  bool operator==(const RouteTarget&) const = default;
};

// "name", "name:80", "name:80/path"; the load balancer's own port is dropped: what it listens on is its matter. Nothing
// when it is no host name or no path of printable characters.
std::optional<Route> parse_route(std::string_view text);
// As parse_route, then "=port" or nothing. Rancher: HOST[:SRCPORT][/PATH][=TARGETPORT].
std::optional<Route> parse_target_route(std::string_view text);

// The target labels of a container; each item that is none becomes a note.
std::vector<RouteTarget> route_targets(const docker::Container& container, std::vector<std::string>& notes);
// The value of kMetaTargets, "" without targets; at most kMetaValueBytes, what does not fit becomes a note.
std::string targets_text(const std::vector<RouteTarget>& targets, std::vector<std::string>& notes);

// Does the target mean this container? By io.rancher.stack_service.name, Compose's labels, or the name under which it
// would be registered; a stack is compared where the container has one.
bool is_meant(const RouteTarget& target, const docker::Container& container, std::string_view service_name);

// Whether add_routes may add pairs to the Meta, at most host, path and port.
bool may_route(const docker::Container& container, const std::vector<RouteTarget>& targets);

// One port of a container for which routes are wanted.
struct RoutedPort {
  const docker::Container& container;
  const Metadata& metadata;
  docker::Port port;
  std::string_view service_name;  // without the suffix of a group
  bool only = true;               // no other port of the container takes part
};

// Adds to what the container's own SERVICE_HOST, SERVICE_PATH and SERVICE_PORT say (they are in `meta` already and
// win). Several paths of one service: the items of `host` carry theirs, "name/path".
void add_routes(const RoutedPort& at, const std::vector<RouteTarget>& targets, consul::StringMap& meta,
                std::vector<std::string>& notes);

}  // namespace longshore::agent
