#include "agent/core/node_facts.h"

#include "agent/core/ip_range.h"

namespace longshore::agent {

bool is_loopback(std::string_view address) {
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return address.starts_with("127.") || address == "::1" || address == "localhost" ||
         address.starts_with("::ffff:127.");
}

bool is_wildcard(std::string_view address) {
  return address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]";
}

namespace {

const std::vector<std::string>& usual_sources() {
  static const std::vector<std::string> kSources = {"consul", "route", "hostname"};
  return kSources;
}

class HostAddressSearch {
 public:
  HostAddressSearch(const AgentOptions& options, const LocalFacts& local, const std::string& advertised)
      : options_(options), local_(local), advertised_(advertised) {}

  HostAddress find(const std::string& source) const {
    if (source == "consul") {
      // The Consul agent may advertise loopback (-dev) although the host has a better address.
      if (is_loopback(advertised_)) return {};
      return usable(advertised_, "Consul agent's advertise address");
    }
    if (source == "route") return usable(local_.interface_address, "interface of the default route");
    if (source == "hostname") return usable(local_.hostname_address, "host name");
    constexpr std::string_view kInterface = "interface:";
    if (source.starts_with(kInterface)) {
      const std::string_view wanted = std::string_view(source).substr(kInterface.size());
      return first([&](const InterfaceAddress& one) { return matches_pattern(wanted, one.interface); }, source);
    }
    if (source.find('/') == std::string::npos) return {source, "-address-from", {}};
    const auto range = parse_ip_range(source);
    return first([&](const InterfaceAddress& one) { return range && contains(*range, one.address); },
                 "address in " + source);
  }

  HostAddress last_resort() const { return usable(advertised_, "Consul agent's advertise address"); }

  std::string other_family(const std::string& address) const {
    for (const InterfaceAddress& one : local_.interfaces)
      if (one.address == address)
        return first(
                   [&](const InterfaceAddress& other) {
                     return other.interface == one.interface && is_ipv6(other.address) != is_ipv6(address);
                   },
                   {})
            .address;
    return {};
  }

 private:
  HostAddress usable(const std::string& address, std::string reason) const {
    if (is_wildcard(address) || (is_loopback(address) && !options_.allow_loopback)) return {};
    return {address, std::move(reason), {}};
  }

  // IPv4 before IPv6, unless the other way round is asked for.
  template <class Matches>
  HostAddress first(Matches matches, const std::string& reason) const {
    for (const bool ipv6 : {options_.prefer_ipv6, !options_.prefer_ipv6})
      for (const InterfaceAddress& one : local_.interfaces)
        if (is_ipv6(one.address) == ipv6 && matches(one))
          if (HostAddress found = usable(one.address, reason); !found.address.empty()) return found;
    return {};
  }

  const AgentOptions& options_;
  const LocalFacts& local_;
  const std::string& advertised_;
};

}  // namespace

HostAddress choose_host_address(const AgentOptions& options, const LocalFacts& local,
                                const std::string& advertise_address) {
  if (!options.ip.empty()) return {options.ip, "-ip", {}};
  if (options.compatible) {
    if (!local.hostname_address.empty()) return {local.hostname_address, "host name", {}};
    return {"0.0.0.0", "the host name does not resolve", {}};
  }
  const HostAddressSearch search(options, local, advertise_address);
  const bool usual = options.address_from.empty();
  HostAddress found;
  for (const std::string& source : usual ? usual_sources() : options.address_from)
    if (found.address.empty()) found = search.find(source);
  if (usual && found.address.empty()) found = search.last_resort();
  found.other = search.other_family(found.address);
  if (!found.address.empty()) return found;
  return {"",
          usual ? "only loopback addresses found: give -ip ADDRESS, or -allow-loopback"
                : "no source of -address-from has an address",
          {}};
}

}  // namespace longshore::agent
