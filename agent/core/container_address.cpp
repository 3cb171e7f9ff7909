#include <optional>

#include "agent/core/addresses.h"
#include "agent/core/ip_range.h"

namespace longshore::agent {
namespace {

using docker::NetworkEndpoint;

bool has_address(const NetworkEndpoint& network) {
  return !network.ip_address.empty() || !network.global_ipv6_address.empty();
}

// By name (with * for anything), by ID, or by a range that holds one of its addresses.
bool matches(std::string_view wanted, const NetworkEndpoint& network) {
  if (const auto range = parse_ip_range(wanted))
    return contains(*range, network.ip_address) || contains(*range, network.global_ipv6_address);
  constexpr std::size_t kShortId = 12;
  if (wanted.size() >= kShortId && network.network_id.starts_with(wanted)) return true;
  return matches_pattern(wanted, network.name);
}

const NetworkEndpoint* first_match(const docker::Container& container, std::string_view wanted) {
  for (const auto& [name, network] : container.networks)
    if (has_address(network) && matches(wanted, network)) return &network;
  return nullptr;
}

// NetworkMode may hold a name or an ID.
const NetworkEndpoint* named_network(const docker::Container& container) {
  const auto by_name = container.networks.find(container.network_mode);
  if (by_name != container.networks.end()) return &by_name->second;
  for (const auto& [name, network] : container.networks)
    if (!network.network_id.empty() && network.network_id == container.network_mode) return &network;
  return nullptr;
}

OwnAddress address_on(const NetworkEndpoint& network, std::string why) {
  return {network.ip_address, network.global_ipv6_address, network.name, std::move(why)};
}

std::string names_of(const docker::Container& container) {
  std::string out;
  for (const auto& [name, network] : container.networks) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none" : out;
}

OwnAddress usual_address(const docker::Container& container) {
  if (const auto* named = named_network(container); named != nullptr && has_address(*named))
    return address_on(*named, "network of NetworkMode");
  const auto bridge = container.networks.find("bridge");
  const bool on_bridge = bridge != container.networks.end() && has_address(bridge->second);
  if (on_bridge && (container.ip_address.empty() || container.ip_address == bridge->second.ip_address))
    return address_on(bridge->second, "default bridge");
  if (!container.ip_address.empty()) return {container.ip_address, {}, "bridge", "default bridge"};
  const NetworkEndpoint* best = nullptr;
  for (const auto& [name, network] : container.networks) {
    if (!has_address(network)) continue;
    if (best == nullptr || network.gateway_priority > best->gateway_priority) best = &network;
  }
  if (best == nullptr) return {{}, {}, {}, "no address on any network"};
  if (container.networks.size() == 1) return address_on(*best, "its only network");
  return address_on(*best, best->gateway_priority != 0 ? "highest gateway priority" : "first network by name");
}

}  // namespace

OwnAddress own_address(const docker::Container& container, const AgentOptions& options, std::string_view wanted) {
  if (!wanted.empty()) {
    const NetworkEndpoint* found = first_match(container, wanted);
    if (found != nullptr) return address_on(*found, "SERVICE_NETWORK");
    return {{}, {}, {}, "SERVICE_NETWORK " + std::string(wanted) + ": it is attached to " + names_of(container)};
  }
  for (const std::string& preferred : options.networks)
    if (const NetworkEndpoint* found = first_match(container, preferred); found != nullptr)
      return address_on(*found, "-network " + preferred);
  return usual_address(container);
}

std::string container_address(const docker::Container& container, const AgentOptions& options) {
  const OwnAddress own = own_address(container, options);
  const bool ipv6 = own.ipv4.empty() || (options.prefer_ipv6 && !own.ipv6.empty());
  return ipv6 ? own.ipv6 : own.ipv4;
}

}  // namespace longshore::agent
