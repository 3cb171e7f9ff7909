// The health checks that a container's metadata asks for. Source of the unnumbered families: Registrator,
// consul/consul.go buildCheck. Every key with its meaning is in agent/README.md.
#pragma once
#include <string>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/metadata.h"
#include "common/consul/model.h"

namespace longshore::agent {

struct CheckTarget {
  std::string address;
  std::uint16_t port = 0;  // 0: a service without a port
  std::string container_id;
  std::uint16_t container_port = 0;
  std::string service_id;
  std::string consul_version;  // "" = not known: everything is sent
};

struct CheckChoice {
  std::vector<consul::CheckDefinition> checks;
  std::vector<std::string> notes;  // what was asked and cannot be had
  std::string refusal;             // not empty: the port must not be registered without the check it asks for
};

// The unnumbered check first (CHECK_HTTP…), then CHECK_1_HTTP… in the order of their numbers. In each the first family
// present wins: HTTP, HTTPS, CMD, SCRIPT, TTL, TCP, GRPC, UDP, H2PING, DOCKER, ALIAS, OS_SERVICE. Interval 10s unless
// given. Settings of a numbered check fall back to the unnumbered ones. Compatible: one check, the first seven
// families. CheckIDs: one unnumbered check alone leaves the name to Consul (service:<ID>), which is also its name among
// others; numbered ones are service:<ID>:<number>, whatever else there is. CHECK_ID gives another one.
CheckChoice choose_checks(const Metadata& metadata, const CheckTarget& target, const AgentOptions& options);

// 16 hexadecimal digits over everything in the definitions; "" for none. Consul's list of services does not show
// their checks: kept in Meta, this tells whether they have to be sent again.
std::string checks_fingerprint(const std::vector<consul::CheckDefinition>& checks);

// Is `version` ("1.8.7", "1.13.0+ent") at least major.minor? An unreadable one is.
bool at_least(std::string_view version, std::uint64_t major, std::uint64_t minor);

}  // namespace longshore::agent
