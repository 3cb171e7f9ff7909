// With which address and port a container's port is registered, and why. The matrix is in agent/README.md; source of
// the peer's column: Registrator, bridge/bridge.go newService.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/metadata.h"
#include "agent/core/node_facts.h"
#include "agent/core/ports.h"
#include "common/consul/model.h"
#include "common/docker/model.h"

namespace longshore::agent {

// What the metadata of one port asks of its address; all absent under the compatibility name.
struct AddressWish {
  std::string address;                // SERVICE_ADDRESS or SERVICE_IP, as IP, name or CIDR
  std::string network;                // SERVICE_NETWORK: name, ID or CIDR; means the container's own address
  std::optional<bool> internal;       // SERVICE_INTERNAL
  std::optional<std::uint16_t> port;  // SERVICE_<port>_PORT; without a port in the key it is an attribute
  bool operator==(const AddressWish&) const = default;
};
// Malformed values are left out with a note.
AddressWish address_wish(const Metadata& metadata, std::vector<std::string>& notes);
// Is the container's own address meant?
bool is_internal(const AddressWish& wish, const AgentOptions& options);

// An address of the container itself.
struct OwnAddress {
  std::string ipv4;
  std::string ipv6;
  std::string network;  // its name
  std::string why;      // how the network was chosen, or why there is none
};
// The network that `wanted` names, else the first of -network that it is attached to, else the one of NetworkMode, the
// default bridge, the highest gateway priority, the first by name. Both addresses empty: none.
OwnAddress own_address(const docker::Container& container, const AgentOptions& options, std::string_view wanted = {});
// The one of own_address() that is registered: IPv4 first, unless -prefer-ipv6.
std::string container_address(const docker::Container& container, const AgentOptions& options = {});

struct Endpoint {
  std::string address;  // "" is possible under the compatibility name only: Consul then takes the node's
  std::uint16_t port = 0;
  // The other IP family, as lan_ipv6 and wan_ipv6 (or lan_ipv4 and wan_ipv4).
  std::map<std::string, consul::TaggedAddress> tagged;
  std::string reason;   // where address and port are from
  std::string refusal;  // not empty: do not register, and why
  bool operator==(const Endpoint&) const = default;
};

// `owner`: the container whose network this one uses, nullptr when it uses none or that one is not known.
Endpoint choose_endpoint(const docker::Container& container, const PortCandidate& candidate,
                         const AgentOptions& options, const NodeFacts& facts, const docker::Container* owner,
                         const AddressWish& wish = {});

}  // namespace longshore::agent
