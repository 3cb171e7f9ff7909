#include "agent/core/ports.h"

#include <algorithm>

#include "agent/core/ip_range.h"

namespace longshore::agent {
namespace {

using Candidates = std::map<docker::Port, PortCandidate>;

PortCandidate provisional(docker::Port port) {
  return {port, "0.0.0.0", port.number, true, std::nullopt};
}

Candidates known_to_docker(const docker::Container& container) {
  Candidates found;
  for (const docker::Port port : container.exposed) found[port] = provisional(port);
  for (const auto& [port, bindings] : container.published) {
    PortCandidate candidate;
    candidate.port = port;
    if (!bindings.empty()) {
      candidate.host_ip = bindings.front().host_ip;
      candidate.host_port = bindings.front().host_port;
      for (const docker::PortBinding& binding : bindings) {
        if (is_ipv6(binding.host_ip) == is_ipv6(candidate.host_ip)) continue;
        candidate.other_family = binding;
        break;
      }
    }
    found[port] = candidate;
  }
  return found;
}

std::vector<PortCandidate> in_order(const Candidates& found) {
  std::vector<PortCandidate> out;
  out.reserve(found.size());
  for (const auto& [port, candidate] : found) out.push_back(candidate);
  return out;
}

// Drivers whose networks publish ports: Docker would tell of them.
bool publishes_ports(const docker::NetworkEndpoint& network) {
  for (const char* driver : {"bridge", "overlay", "nat"})
    if (network.driver == driver) return true;
  return false;
}

// Docker keeps no port map in the modes host, none and container:, and none on macvlan and ipvlan. Where no driver is
// known an empty map of a network with a name of its own is taken for one of those.
bool docker_is_silent(const docker::Container& container) {
  const NetworkKind kind = network_kind(container);
  if (kind == NetworkKind::bridge || !container.published.empty()) return false;
  if (kind != NetworkKind::named) return true;
  return std::none_of(container.networks.begin(), container.networks.end(),
                      [](const auto& one) { return publishes_ports(one.second); });
}

}  // namespace

std::vector<PortCandidate> port_candidates(const docker::Container& container) {
  return in_order(known_to_docker(container));
}

std::vector<PortCandidate> port_candidates(const docker::Container& container, const DeclaredPorts& declared) {
  Candidates found = known_to_docker(container);
  const bool silent = docker_is_silent(container);
  if (declared.none) return {{docker::Port{}, "", 0, true, std::nullopt}};
  if (declared.listed) {
    Candidates chosen;
    for (const docker::Port port : declared.list) {
      const auto known = found.find(port);
      if (known != found.end())
        chosen.insert(*known);
      else if (silent)
        chosen[port] = provisional(port);
      else
        chosen[port].port = port;  // not published
    }
    return in_order(chosen);
  }
  // SERVICE_53_NAME speaks of 53/udp where that is what the image exposes.
  const Candidates known = found;
  const auto has_number = [&](docker::Port port) {
    return std::any_of(known.begin(), known.end(), [&](const auto& one) { return one.first.number == port.number; });
  };
  if (silent)
    for (const docker::Port port : declared.named)
      if (port.protocol != docker::Protocol::tcp || !has_number(port)) found.try_emplace(port, provisional(port));
  return in_order(found);
}

NetworkKind network_kind(const docker::Container& container) {
  const std::string& mode = container.network_mode;
  if (mode.empty() || mode == "default" || mode == "bridge") return NetworkKind::bridge;
  if (mode == "host") return NetworkKind::host;
  if (mode == "none") return NetworkKind::none;
  return mode.starts_with("container:") ? NetworkKind::container : NetworkKind::named;
}

std::string_view network_owner(const docker::Container& container) {
  constexpr std::string_view kPrefix = "container:";
  const std::string_view mode = container.network_mode;
  return mode.starts_with(kPrefix) ? mode.substr(kPrefix.size()) : std::string_view();
}

}  // namespace longshore::agent
