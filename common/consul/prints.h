// Fingerprints of services: what their own answers and the list of everything have in common.
#pragma once
#include "common/consul/codec.h"

namespace longshore::consul {

// A number that two answers about one service share if, and nearly only if, they show the same: nodes, instances with
// their ModifyIndex, the states of their checks; with CheckDetail::full any change of a check counts. 0 = no instance.
struct Print {
  std::uint64_t value = 0;
  bool operator==(const Print&) const = default;
};
struct ServicePrint {
  std::string name;
  std::uint64_t print = 0;
  bool operator==(const ServicePrint&) const = default;
};
Result<Print> print_of_instances(std::string_view text, CheckDetail detail);  // /v1/health/service/<name>
// /v1/internal/ui/nodes; by name.
Result<std::vector<ServicePrint>> decode_service_prints(std::string_view text, CheckDetail detail);

}  // namespace longshore::consul
