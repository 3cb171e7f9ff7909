// The health check that a container's metadata asks for. Source: Registrator, consul/consul.go buildCheck.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/metadata.h"
#include "common/consul/model.h"

namespace longshore::agent {

struct CheckTarget {
  std::string address;
  std::uint16_t port = 0;
  std::string container_id;
  std::uint16_t container_port = 0;
};

struct CheckChoice {
  std::optional<consul::CheckDefinition> check;
  std::vector<std::string> notes;  // what was asked and cannot be had
  std::string refusal;             // not empty: the port must not be registered without the check it asks for
};

// The first family present wins: HTTP, HTTPS, CMD, SCRIPT, TTL, TCP, GRPC. Interval 10s unless given.
CheckChoice choose_check(const Metadata& metadata, const CheckTarget& target, const AgentOptions& options);

// 16 hexadecimal digits over everything in the definitions; "" for none. Consul's list of services does not show
// their checks: kept in Meta, this tells whether they have to be sent again.
std::string checks_fingerprint(const std::vector<consul::CheckDefinition>& checks);

}  // namespace longshore::agent
