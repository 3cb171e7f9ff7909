#include "agent/core/addresses.h"

#include <algorithm>
#include <map>

namespace longshore::agent {
namespace {

enum class Mode { bridge, host, none, container, named };

Mode mode_of(const docker::Container& container) {
  const std::string& mode = container.network_mode;
  if (mode.empty() || mode == "default" || mode == "bridge") return Mode::bridge;
  if (mode == "host") return Mode::host;
  if (mode == "none") return Mode::none;
  return mode.starts_with("container:") ? Mode::container : Mode::named;
}

const docker::NetworkEndpoint* named_network(const docker::Container& container) {
  const auto by_name = container.networks.find(container.network_mode);
  if (by_name != container.networks.end()) return &by_name->second;
  for (const auto& [name, network] : container.networks)
    if (!network.network_id.empty() && network.network_id == container.network_mode) return &network;
  return nullptr;
}

std::string address_of(const docker::NetworkEndpoint& network) {
  return network.ip_address.empty() ? network.global_ipv6_address : network.ip_address;
}

// As Registrator: the network that NetworkMode names, by name only, IPv4 only.
std::string peer_network_address(const docker::Container& container) {
  const auto network = container.networks.find(container.network_mode);
  return network == container.networks.end() ? std::string() : network->second.ip_address;
}

std::string label_address(const docker::Container& container, const std::string& label) {
  const auto found = container.labels.find(label);
  if (label.empty() || found == container.labels.end()) return {};
  return found->second.substr(0, found->second.rfind('/'));
}

Endpoint refuse(std::string why) {
  return {{}, 0, std::move(why)};
}

// The published port, or what comes closest to it.
Endpoint host_endpoint(const docker::Container& container, const PortCandidate& candidate, const AgentOptions& options,
                       const NodeFacts& facts) {
  const Mode mode = mode_of(container);
  const std::uint16_t port = candidate.host_port;
  if (!options.ip.empty()) return {options.ip, port, {}};
  if (options.compatible) {
    if (mode == Mode::named || mode == Mode::none) return {peer_network_address(container), port, {}};
    if (candidate.host_ip.empty() || candidate.host_ip == "0.0.0.0") return {facts.host_address, port, {}};
    return {candidate.host_ip, port, {}};
  }
  if (mode == Mode::none) return refuse("network mode none: no address");
  if (candidate.provisional && mode == Mode::named) {
    // No host port exists (macvlan, ipvlan): only the container's own pair can be meant.
    const std::string address = container_address(container);
    if (address.empty()) return refuse("no address on any network");
    return {address, candidate.port.number, {}};
  }
  if (is_wildcard(candidate.host_ip)) {
    if (facts.host_address.empty()) return refuse(facts.address_reason);
    return {facts.host_address, port, {}};
  }
  if (is_loopback(candidate.host_ip) && !facts.loopback_fine)
    return refuse("published on " + candidate.host_ip +
                  " only: nobody else can reach it (-allow-loopback registers it)");
  return {candidate.host_ip, port, {}};
}

Endpoint internal_endpoint(const docker::Container& container, const PortCandidate& candidate,
                           const AgentOptions& options, const NodeFacts& facts) {
  const Mode mode = mode_of(container);
  const std::uint16_t port = candidate.port.number;
  if (options.compatible && (mode == Mode::host || mode == Mode::none)) return {{}, port, {}};
  if (mode == Mode::none) return refuse("network mode none: no address");
  if (mode == Mode::host) {
    if (facts.host_address.empty()) return refuse(facts.address_reason);
    return {facts.host_address, port, {}};
  }
  const std::string address = container_address(container);
  if (address.empty()) return refuse("no address on any network");
  return {address, port, {}};
}

Endpoint shared_endpoint(const PortCandidate& candidate, const AgentOptions& options, const NodeFacts& facts,
                         const docker::Container& container, const docker::Container* owner) {
  if (owner == nullptr)
    return refuse("shares the network of " + std::string(network_owner(container)) + ", which is not running");
  if (!options.compatible && !options.internal) {
    for (PortCandidate published : port_candidates(*owner))
      if (published.port == candidate.port && published.host_port != 0 && !published.provisional)
        return host_endpoint(*owner, published, options, facts);
    if (mode_of(*owner) == Mode::host) return host_endpoint(*owner, candidate, options, facts);
  }
  AgentOptions inside = options;
  inside.compatible = false;
  inside.internal = true;
  return internal_endpoint(*owner, candidate, inside, facts);
}

}  // namespace

std::vector<PortCandidate> port_candidates(const docker::Container& container) {
  std::map<docker::Port, PortCandidate> found;
  for (const docker::Port port : container.exposed) found[port] = {port, "0.0.0.0", port.number, true};
  for (const auto& [port, bindings] : container.published) {
    PortCandidate candidate;
    candidate.port = port;
    if (!bindings.empty()) {
      candidate.host_ip = bindings.front().host_ip;
      candidate.host_port = bindings.front().host_port;
    }
    found[port] = candidate;
  }
  std::vector<PortCandidate> out;
  out.reserve(found.size());
  for (const auto& [port, candidate] : found) out.push_back(candidate);
  return out;
}

std::string_view network_owner(const docker::Container& container) {
  constexpr std::string_view kPrefix = "container:";
  const std::string_view mode = container.network_mode;
  return mode.starts_with(kPrefix) ? mode.substr(kPrefix.size()) : std::string_view();
}

std::string container_address(const docker::Container& container) {
  if (const auto* named = named_network(container); named != nullptr && !address_of(*named).empty())
    return address_of(*named);
  if (!container.ip_address.empty()) return container.ip_address;
  if (const auto bridge = container.networks.find("bridge");
      bridge != container.networks.end() && !address_of(bridge->second).empty())
    return address_of(bridge->second);
  const docker::NetworkEndpoint* best = nullptr;
  for (const auto& [name, network] : container.networks) {
    if (address_of(network).empty()) continue;
    if (best == nullptr || network.gateway_priority > best->gateway_priority) best = &network;
  }
  return best == nullptr ? std::string() : address_of(*best);
}

Endpoint choose_endpoint(const docker::Container& container, const PortCandidate& candidate,
                         const AgentOptions& options, const NodeFacts& facts, const docker::Container* owner) {
  if (mode_of(container) == Mode::container) return shared_endpoint(candidate, options, facts, container, owner);
  Endpoint endpoint = options.internal ? internal_endpoint(container, candidate, options, facts)
                                       : host_endpoint(container, candidate, options, facts);
  const std::string labelled = label_address(container, options.ip_label);
  if (!labelled.empty()) {
    if (!endpoint.refusal.empty()) endpoint.port = options.internal ? candidate.port.number : candidate.host_port;
    endpoint.address = labelled;
    endpoint.refusal.clear();
  }
  return endpoint;
}

}  // namespace longshore::agent
