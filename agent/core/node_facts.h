// What the agent knows of the host that it runs on, and which address of it others can reach.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/agent_options.h"

namespace longshore::agent {

struct InterfaceAddress {
  std::string interface;
  std::string address;
  bool operator==(const InterfaceAddress&) const = default;
};

// Gathered once at start by the shell.
struct LocalFacts {
  std::string hostname;           // the system's
  std::string hostname_address;   // what the host name resolves to, "" = nothing; often 127.0.1.1 on Debian
  std::string interface_address;  // first global address of the interface with the default route, "" = none
  std::string nonce;              // of the state directory, see ownership.h
  std::vector<InterfaceAddress> interfaces = {};  // all global and private addresses, in the system's order
  std::vector<std::string> former_engines = {};   // IDs of engines that this agent served before at the same socket
  std::string own_container = {};                 // ID of the container that this process runs in, "" = none
  bool operator==(const LocalFacts&) const = default;
};

// Everything that a service definition depends on besides its container.
struct NodeFacts {
  std::string hostname;        // first part of service IDs
  std::string node;            // Consul's name of this node
  std::string owner;           // see ownership.h
  std::string host_address;    // for published ports; "" = none found, see host_address_reason
  std::string address_reason;  // where host_address is from, or why there is none
  std::string other_address;   // of the other IP family on the same interface, "" = none
  bool loopback_fine = false;  // loopback addresses may be registered
  std::string own_container;   // see LocalFacts
  std::string consul_version;  // of the agent, "1.8.7"; "" = not known
  bool operator==(const NodeFacts&) const = default;
};

struct HostAddress {
  std::string address;
  std::string reason;
  std::string other;  // of the other IP family on the same interface
  bool operator==(const HostAddress&) const = default;
};

// Own name: -ip, else the first source of -address-from that yields one, by default the Consul agent's advertise
// address, the default route's interface, the host name; loopback only with -allow-loopback. Sources: consul, route,
// hostname, interface:NAME (with * for anything), an address, a range such as 10.0.0.0/8. Compatibility name: -ip, else
// what the host name resolves to, else 0.0.0.0 (bridge.go newService).
HostAddress choose_host_address(const AgentOptions& options, const LocalFacts& local,
                                const std::string& advertise_address);

// 127.0.0.0/8, ::1, with or without brackets, and "localhost".
bool is_loopback(std::string_view address);
// "", 0.0.0.0, ::
bool is_wildcard(std::string_view address);

}  // namespace longshore::agent
