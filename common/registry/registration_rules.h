// What Consul's agent makes of a service registration, and what it refuses. Pure.
#pragma once
#include <optional>
#include <string>

#include "common/consul/model.h"

namespace longshore::registry {

// Consul's words for the first thing that is wrong. Source: AgentRegisterService and ValidateMetadata of 1.8.
std::optional<std::string> registration_problem(const consul::Registration& registration);

// ID from the name, default weights, and the lan_/wan_ addresses that the agent adds when Address is an IP.
consul::Service service_of(const consul::Registration& registration);

// 36 characters, dashes where Consul expects them; else Consul's reason. `of`: what is looked up.
std::optional<std::string> uuid_problem(const std::string& id, std::string_view of = "session");

}  // namespace longshore::registry
