// Containers, options and facts for tests, from short texts.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/node_facts.h"
#include "agent/core/service_spec.h"
#include "common/base/text.h"
#include "common/docker/codec.h"

namespace longshore::agent::test {

inline docker::Port port(std::string_view text) {
  return *docker::parse_port(text);
}

// "80/tcp 53/udp"
inline std::set<docker::Port> ports(std::string_view text) {
  std::set<docker::Port> out;
  for (const std::string& word : base::split(text, ' '))
    if (!word.empty()) out.insert(port(word));
  return out;
}

// "80/tcp=0.0.0.0:8080 443/tcp" (the second is null on the wire); "81/tcp=:::81": the address may have colons.
inline std::map<docker::Port, std::vector<docker::PortBinding>> published(std::string_view text) {
  std::map<docker::Port, std::vector<docker::PortBinding>> out;
  for (const std::string& word : base::split(text, ' ')) {
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    auto& bindings = out[port(std::string_view(word).substr(0, equals))];
    if (equals == std::string::npos) continue;
    const std::size_t colon = word.rfind(':');
    bindings.push_back({word.substr(equals + 1, colon - equals - 1),
                        static_cast<std::uint16_t>(*base::parse_uint(std::string_view(word).substr(colon + 1)))});
  }
  return out;
}

inline docker::NetworkEndpoint network(std::string name, std::string address, std::int64_t priority = 0) {
  docker::NetworkEndpoint out;
  out.name = std::move(name);
  out.network_id = out.name + "-id";
  out.ip_address = std::move(address);
  out.gateway_priority = priority;
  return out;
}

// A running container on the default bridge at 172.17.0.2.
inline docker::Container container(std::string name = "web", char digit = 'a') {
  docker::Container out;
  out.id = std::string(64, digit);
  out.name = std::move(name);
  out.image_reference = "shop/app:1";
  out.image_id = "sha256:" + std::string(64, 'f');
  out.network_mode = "default";
  out.ip_address = "172.17.0.2";
  out.networks["bridge"] = network("bridge", "172.17.0.2");
  out.state.status = "running";
  out.state.running = true;
  out.state.started_at = "2024-01-01T00:00:00Z";
  return out;
}

inline NodeFacts facts() {
  NodeFacts out;
  out.hostname = "host";
  out.node = "node";
  out.owner = "node/engine/nonce";
  out.host_address = "10.0.0.5";
  return out;
}

// "id name address:port", one per service.
inline std::vector<std::string> brief(const ContainerServices& spec) {
  std::vector<std::string> out;
  for (const consul::Registration& service : spec.services)
    out.push_back(service.id + " " + service.name + " " + service.address + ":" + std::to_string(service.port));
  return out;
}

}  // namespace longshore::agent::test
