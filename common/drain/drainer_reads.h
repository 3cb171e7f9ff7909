// What the questions to Consul about drains share.
#pragma once
#include <string>

#include "common/consul/client.h"

namespace longshore::drain {

constexpr std::size_t kShortId = 12;  // digits of a container's ID, as Docker prints it

// Digits of the container's ID; "" where nobody of ours registered the service.
inline std::string container_of(const consul::Service& service) {
  const auto found = service.meta.find("longshore-container");
  return found == service.meta.end() ? std::string() : found->second.substr(0, kShortId);
}

}  // namespace longshore::drain
