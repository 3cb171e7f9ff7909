// Which ports of a container can be registered, and with which address and port. The matrix is in agent/README.md;
// source of the peer's column: Registrator, bridge/util.go servicePort and bridge/bridge.go newService.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/node_facts.h"
#include "common/docker/model.h"

namespace longshore::agent {

// One candidate; sorted by port.
struct PortCandidate {
  docker::Port port;
  std::string host_ip;          // of the first binding; "" = Docker named none
  std::uint16_t host_port = 0;  // 0 = not published
  bool provisional = false;     // only EXPOSEd: Docker says nothing of it, host_port is the container port
  bool operator==(const PortCandidate&) const = default;
};

// Exposed ports overwritten by NetworkSettings.Ports, the unpublished ones included.
std::vector<PortCandidate> port_candidates(const docker::Container& container);

// "" unless NetworkMode is container:<id or name>; then that id or name.
std::string_view network_owner(const docker::Container& container);

// The container's own address: of the network named (or numbered) in NetworkMode, else of the default bridge, else
// of the network with the highest gateway priority, then the first by name. IPv4 before IPv6. "" = none.
std::string container_address(const docker::Container& container);

struct Endpoint {
  std::string address;  // "" is possible under the compatibility name only: Consul then takes the node's
  std::uint16_t port = 0;
  std::string refusal;  // not empty: do not register, and why
  bool operator==(const Endpoint&) const = default;
};

// `owner`: the container whose network this one uses, nullptr when it uses none or that one is not known.
Endpoint choose_endpoint(const docker::Container& container, const PortCandidate& candidate,
                         const AgentOptions& options, const NodeFacts& facts, const docker::Container* owner);

}  // namespace longshore::agent
