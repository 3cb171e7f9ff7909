// What the questions to Consul about drains share.
#pragma once
#include <string>
#include <string_view>

#include "common/consul/client.h"
#include "common/drain/drainer.h"

namespace longshore::drain {

constexpr std::size_t kShortId = 12;                   // digits of a container's ID, as Docker prints it
constexpr std::string_view kContainer = "container:";  // before a container's name or ID

// Digits of the container's ID; "" where nobody of ours registered the service.
inline std::string container_of(const consul::Service& service) {
  const auto found = service.meta.find("longshore-container");
  return found == service.meta.end() ? std::string() : found->second.substr(0, kShortId);
}

Instance instance_of(const std::string& node, const consul::Service& service);
// Is it of a container of that name?
bool has_name(const consul::Service& service, const std::string& name);

}  // namespace longshore::drain
