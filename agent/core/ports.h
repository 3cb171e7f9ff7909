// Which ports of a container can be registered at all. Source of the rules: Registrator, bridge/util.go servicePort;
// what metadata declares is ours.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/metadata.h"
#include "common/docker/model.h"

namespace longshore::agent {

// One candidate; sorted by port.
struct PortCandidate {
  docker::Port port;            // number 0: the service without a port
  std::string host_ip;          // of the first binding; "" = Docker named none
  std::uint16_t host_port = 0;  // 0 = not published
  // Docker says nothing of it (only EXPOSEd, or only declared): host_port is the container port.
  bool provisional = false;
  // The first binding on the other IP family than host_ip's, as Docker makes one for each.
  std::optional<docker::PortBinding> other_family;
  bool operator==(const PortCandidate&) const = default;
};

// Exposed ports overwritten by NetworkSettings.Ports, the unpublished ones included.
std::vector<PortCandidate> port_candidates(const docker::Container& container);
// The same with the ports that metadata declares: SERVICE_PORTS chooses and adds; where Docker says nothing of ports
// (host network and the like) a name for a port adds it.
std::vector<PortCandidate> port_candidates(const docker::Container& container, const DeclaredPorts& declared);

// How the container is connected, by HostConfig.NetworkMode.
enum class NetworkKind { bridge, host, none, container, named };
NetworkKind network_kind(const docker::Container& container);
// "" unless NetworkMode is container:<id or name>; then that id or name.
std::string_view network_owner(const docker::Container& container);

}  // namespace longshore::agent
