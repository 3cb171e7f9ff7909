#include "agent/core/node_facts.h"

namespace longshore::agent {

bool is_loopback(std::string_view address) {
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return address.starts_with("127.") || address == "::1" || address == "localhost" ||
         address.starts_with("::ffff:127.");
}

bool is_wildcard(std::string_view address) {
  return address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]";
}

HostAddress choose_host_address(const AgentOptions& options, const LocalFacts& local,
                                const std::string& advertise_address) {
  if (!options.ip.empty()) return {options.ip, "-ip"};
  if (options.compatible) {
    if (!local.hostname_address.empty()) return {local.hostname_address, "host name"};
    return {"0.0.0.0", "the host name does not resolve"};
  }
  const auto usable = [&](const std::string& address) {
    return !is_wildcard(address) && (options.allow_loopback || !is_loopback(address));
  };
  // The Consul agent may advertise loopback (-dev) although the host has a better address.
  if (!is_loopback(advertise_address) && usable(advertise_address))
    return {advertise_address, "Consul agent's advertise address"};
  if (usable(local.interface_address)) return {local.interface_address, "interface of the default route"};
  if (usable(local.hostname_address)) return {local.hostname_address, "host name"};
  if (usable(advertise_address)) return {advertise_address, "Consul agent's advertise address"};
  return {"", "only loopback addresses found: give -ip ADDRESS, or -allow-loopback"};
}

}  // namespace longshore::agent
