#include "common/proxy/placeholder.h"

#include <algorithm>

#include "common/consul/gap_meta.h"

namespace longshore::proxy {
namespace {

// Consul's least.
constexpr base::Duration kSoonest = std::chrono::minutes(1);

}  // namespace

consul::Registration placeholder(const consul::Service& service, const std::string& by, base::Duration time) {
  consul::Registration out;
  // The end stays: templates read the container's port there.
  out.id = "longshore-gap:" + service.id;
  out.name = service.name;
  out.tags = service.tags;
  out.port = service.port;
  out.address = service.address;
  out.tagged_addresses = service.tagged_addresses;
  out.meta = service.meta;
  // It is of no agent and no container.
  for (const char* key : {"longshore-owner", "longshore-container", "longshore-drain"}) out.meta.erase(key);
  out.meta[consul::kGapMeta] = by;
  consul::CheckDefinition check;
  check.name = "its only instance is away";
  check.notes = "Until another one serves; by " + by;
  check.status = "critical";
  check.ttl = check.deregister_critical_after = std::max(time, kSoonest);
  out.checks.push_back(std::move(check));
  return out;
}

}  // namespace longshore::proxy
