#include "agent/core/addresses.h"

#include <algorithm>

#include "agent/core/ip_range.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

// Everything that one decision depends on.
struct Question {
  const docker::Container& container;
  const PortCandidate& candidate;
  const AgentOptions& options;
  const NodeFacts& facts;
  const AddressWish& wish;
};

Endpoint refuse(std::string why) {
  Endpoint out;
  out.refusal = std::move(why);
  return out;
}

Endpoint accept(std::string address, std::uint16_t port, std::string reason) {
  Endpoint out;
  out.address = std::move(address);
  out.port = port;
  out.reason = std::move(reason);
  return out;
}

// Consul fills in the tagged addresses of the main address's family by itself.
void add_other_family(Endpoint& endpoint, const std::string& address, std::uint16_t port) {
  if (address.empty() || is_ipv6(address) == is_ipv6(endpoint.address)) return;
  const std::string family = is_ipv6(address) ? "ipv6" : "ipv4";
  endpoint.tagged["lan_" + family] = endpoint.tagged["wan_" + family] = {address, port};
}

// "10.0.0.1/24" and "[fd00::1]" as Consul wants them.
std::string bare_address(std::string_view text) {
  text = text.substr(0, text.rfind('/'));
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::string label_address(const docker::Container& container, const std::string& label) {
  const auto found = container.labels.find(label);
  if (label.empty() || found == container.labels.end()) return {};
  return bare_address(found->second);
}

// As Registrator: the network that NetworkMode names, by name only, IPv4 only.
std::string peer_network_address(const docker::Container& container) {
  const auto network = container.networks.find(container.network_mode);
  return network == container.networks.end() ? std::string() : network->second.ip_address;
}

Endpoint at_host_address(const Question& q, std::uint16_t port, const std::string& what) {
  if (q.facts.host_address.empty()) return refuse(q.facts.address_reason);
  return accept(q.facts.host_address, port, what + "; host address: " + q.facts.address_reason);
}

Endpoint at_own_address(const Question& q, std::uint16_t port) {
  const OwnAddress own = own_address(q.container, q.options, q.wish.network);
  if (own.ipv4.empty() && own.ipv6.empty()) return refuse(own.why);
  const bool ipv6_first = own.ipv4.empty() || (q.options.prefer_ipv6 && !own.ipv6.empty());
  Endpoint out =
      accept(ipv6_first ? own.ipv6 : own.ipv4, port, "container's address on network " + own.network + ": " + own.why);
  if (!q.options.compatible) add_other_family(out, ipv6_first ? own.ipv4 : own.ipv6, port);
  return out;
}

Endpoint peer_host_endpoint(const Question& q) {
  const NetworkKind kind = network_kind(q.container);
  const std::uint16_t port = q.candidate.host_port;
  if (kind == NetworkKind::named || kind == NetworkKind::none)
    return accept(peer_network_address(q.container), port, "address on the network of NetworkMode");
  if (q.candidate.host_ip.empty() || q.candidate.host_ip == "0.0.0.0")
    return accept(q.facts.host_address, port, "host address: " + q.facts.address_reason);
  return accept(q.candidate.host_ip, port, "published on this address");
}

// The host port of a published port on one IP family; 0 = it has none there.
std::uint16_t port_on_family(const PortCandidate& candidate, bool ipv6) {
  if (is_ipv6(candidate.host_ip) == ipv6) return candidate.host_port;
  return candidate.other_family && is_wildcard(candidate.other_family->host_ip) ? candidate.other_family->host_port : 0;
}

// Published on every address of the host, on one family or both.
Endpoint on_all_addresses(const Question& q) {
  Endpoint out = at_host_address(q, q.candidate.host_port, "published port");
  if (!out.refusal.empty()) return out;
  const std::string& other = q.facts.other_address;
  const bool only_ipv6 = port_on_family(q.candidate, false) == 0;
  const bool swap = (only_ipv6 || q.options.prefer_ipv6) && is_ipv6(other) && port_on_family(q.candidate, true) != 0;
  const std::string second = swap ? out.address : other;
  if (swap) out.address = other;
  if (const std::uint16_t port = port_on_family(q.candidate, is_ipv6(out.address)); port != 0) out.port = port;
  if (const std::uint16_t port = port_on_family(q.candidate, is_ipv6(second)); port != 0)
    add_other_family(out, second, port);
  return out;
}

// The published port, or what comes closest to it.
Endpoint host_endpoint(const Question& q) {
  const NetworkKind kind = network_kind(q.container);
  const PortCandidate& candidate = q.candidate;
  if (!q.options.ip.empty())
    return accept(q.options.compatible ? q.options.ip : bare_address(q.options.ip), candidate.host_port, "-ip");
  if (q.options.compatible) return peer_host_endpoint(q);
  if (candidate.port.number == 0) return at_host_address(q, 0, "service without a port");
  if (kind == NetworkKind::none) return refuse("network mode none: no address");
  // No host port exists (macvlan, ipvlan): only the container's own pair can be meant.
  if (candidate.provisional && kind == NetworkKind::named) return at_own_address(q, candidate.port.number);
  if (candidate.provisional) return at_host_address(q, candidate.host_port, "host network");
  if (is_wildcard(candidate.host_ip)) return on_all_addresses(q);
  if (is_loopback(candidate.host_ip) && !q.facts.loopback_fine)
    return refuse("published on " + candidate.host_ip +
                  " only: nobody else can reach it (-allow-loopback registers it)");
  Endpoint out = accept(candidate.host_ip, candidate.host_port, "published on this address");
  if (candidate.other_family && !is_wildcard(candidate.other_family->host_ip) &&
      !is_loopback(candidate.other_family->host_ip))
    add_other_family(out, candidate.other_family->host_ip, candidate.other_family->host_port);
  return out;
}

Endpoint internal_endpoint(const Question& q) {
  const NetworkKind kind = network_kind(q.container);
  const std::uint16_t port = q.candidate.port.number;
  if (q.options.compatible && (kind == NetworkKind::host || kind == NetworkKind::none))
    return accept({}, port, "no address of its own: the node's counts");
  if (kind == NetworkKind::none) return refuse("network mode none: no address");
  if (kind == NetworkKind::host) return at_host_address(q, port, "host network");
  return at_own_address(q, port);
}

Endpoint shared_endpoint(const Question& q, const docker::Container* owner) {
  if (owner == nullptr)
    return refuse("shares the network of " + std::string(network_owner(q.container)) + ", which is not running");
  AgentOptions options = q.options;
  if (!options.compatible && !is_internal(q.wish, options)) {
    for (const PortCandidate& published : port_candidates(*owner))
      if (published.port == q.candidate.port && published.host_port != 0 && !published.provisional)
        return host_endpoint({*owner, published, options, q.facts, q.wish});
    if (network_kind(*owner) == NetworkKind::host)
      return host_endpoint({*owner, q.candidate, options, q.facts, q.wish});
  }
  options.compatible = false;
  Endpoint out = internal_endpoint({*owner, q.candidate, options, q.facts, q.wish});
  if (q.options.compatible) out.tagged.clear();
  if (out.refusal.empty()) out.reason = "shared network of " + owner->name + ": " + out.reason;
  return out;
}

void override_address(Endpoint& endpoint, const std::string& address, const Question& q, std::string reason) {
  if (!endpoint.refusal.empty())
    endpoint.port = is_internal(q.wish, q.options) ? q.candidate.port.number : q.candidate.host_port;
  endpoint.address = address;
  endpoint.reason = std::move(reason);
  endpoint.tagged.clear();
  endpoint.refusal.clear();
}

std::optional<std::uint16_t> parse_port_number(std::string_view text) {
  const auto number = base::parse_uint(text);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F; });
}

}  // namespace

AddressWish address_wish(const Metadata& metadata, std::vector<std::string>& notes) {
  AddressWish out;
  std::string_view address = metadata.get("address");
  if (address.empty()) address = metadata.get("ip");
  if (is_plain(address))
    out.address = bare_address(address);
  else
    notes.push_back("address: no address: " + base::log_value(address));
  out.network = base::trim(metadata.get("network"));
  if (const std::string_view text = metadata.get("internal"); !text.empty()) out.internal = is_on(text, false);
  if (const std::string_view text = metadata.get_scoped("port"); !text.empty()) {
    out.port = parse_port_number(text);
    if (!out.port) notes.push_back("port: no port: " + base::log_value(text));
  }
  return out;
}

bool is_internal(const AddressWish& wish, const AgentOptions& options) {
  return wish.internal.value_or(options.internal || !wish.network.empty());
}

Endpoint choose_endpoint(const docker::Container& container, const PortCandidate& candidate,
                         const AgentOptions& options, const NodeFacts& facts, const docker::Container* owner,
                         const AddressWish& wish) {
  const Question q{container, candidate, options, facts, wish};
  Endpoint endpoint;
  if (network_kind(container) == NetworkKind::container) {
    endpoint = shared_endpoint(q, owner);
    // Registrator ignores -useIpFromLabel here.
    if (options.compatible) return endpoint;
  } else {
    endpoint = is_internal(wish, options) ? internal_endpoint(q) : host_endpoint(q);
  }
  if (const std::string labelled = label_address(container, options.ip_label); !labelled.empty())
    override_address(endpoint, labelled, q, "label " + options.ip_label);
  if (!wish.address.empty()) override_address(endpoint, wish.address, q, "SERVICE_ADDRESS");
  if (wish.port && endpoint.refusal.empty()) {
    endpoint.port = *wish.port;
    for (auto& [name, tagged] : endpoint.tagged) tagged.port = *wish.port;
    endpoint.reason += "; SERVICE_" + std::to_string(candidate.port.number) + "_PORT";
  }
  return endpoint;
}

}  // namespace longshore::agent
