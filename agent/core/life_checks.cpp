#include "agent/core/life_checks.h"

#include <algorithm>

#include "agent/core/checks.h"
#include "agent/core/meta.h"
#include "agent/core/metadata.h"

namespace longshore::agent {
namespace {

struct Saying {
  std::string status;
  std::string output;
};

// What Docker knows of the container, in Consul's words.
Saying health_of(const docker::Container& container) {
  if (container.state.paused) return {"critical", "paused"};
  switch (container.state.health) {
    case docker::Health::healthy:
      return {"passing", "healthy"};
    case docker::Health::starting:
      return {"critical", "starting"};
    case docker::Health::unhealthy:
      return {"critical", "unhealthy"};
    case docker::Health::none:
      break;
  }
  return {"passing", "running"};
}

std::string kind_of(const consul::CheckDefinition& check) {
  if (check.ttl.count() != 0) return "ttl";
  if (!check.http.empty()) return "http";
  if (!check.tcp.empty()) return "tcp";
  if (!check.udp.empty()) return "udp";
  if (!check.grpc.empty()) return "grpc";
  if (!check.h2ping.empty()) return "h2ping";
  if (!check.docker_container_id.empty()) return "docker";
  if (!check.args.empty()) return "script";
  if (!check.alias_node.empty() || !check.alias_service.empty()) return "alias";
  return "";
}

base::Duration lease_of(const docker::Container& container, docker::Port port, const AgentOptions& options,
                        std::vector<Note>& notes) {
  const Metadata metadata = metadata_for(container, port, options.compatible);
  const std::string_view text = metadata.get("lease");
  if (text.empty()) return options.lease;
  if (!is_on(text, false)) return {};
  const auto parsed = base::parse_duration(text);
  if (parsed && *parsed >= std::chrono::seconds(1)) return *parsed;
  notes.push_back({port, "lease: not a duration of 1s or more: " + std::string(text)});
  return options.lease;
}

// The fingerprint tells definitions apart; what a check says now is no part of it.
void mark_checks(consul::Registration& service) {
  std::vector<consul::CheckDefinition> definitions = service.checks;
  for (consul::CheckDefinition& check : definitions)
    if (check.check_id.starts_with(kHealthCheck) || check.check_id.starts_with(kLeaseCheck)) check.status.clear();
  const std::string key(kMetaChecks);
  if (!service.meta.contains(key) && service.meta.size() >= kMetaPairs) {
    const auto own = std::find_if(service.meta.rbegin(), service.meta.rend(),
                                  [](const auto& pair) { return !pair.first.starts_with("longshore-"); });
    if (own != service.meta.rend()) service.meta.erase(std::string(own->first));
  }
  service.meta[key] = checks_fingerprint(definitions);
}

}  // namespace

void add_life_checks(const docker::Container& container, const AgentOptions& options, ContainerServices& services) {
  if (!options.kv_owner.empty()) return;  // keys have no checks
  const bool health = container.has_healthcheck && options.docker_health && !options.compatible;
  for (std::size_t i = 0; i < services.services.size(); ++i) {
    consul::Registration& service = services.services[i];
    const base::Duration lease = lease_of(container, services.ports[i], options, services.notes);
    if (health) {
      const Saying now = health_of(container);
      consul::CheckDefinition check;
      check.check_id = std::string(kHealthCheck) + service.id;
      check.name = "Docker health";
      check.notes = "HEALTHCHECK of container " + container.id.substr(0, 12);
      check.ttl = kHealthTtl;
      check.status = now.status;
      service.checks.push_back(std::move(check));
    }
    if (lease.count() > 0) {
      consul::CheckDefinition check;
      check.check_id = std::string(kLeaseCheck) + service.id;
      check.name = "Lease";
      check.notes = "renewed by the agent while the container runs";
      check.ttl = lease;
      check.status = "passing";
      // Consul's least is a minute.
      check.deregister_critical_after = std::max<base::Duration>(std::chrono::minutes(1), lease);
      service.checks.push_back(std::move(check));
    }
    if (health || lease.count() > 0) mark_checks(service);
  }
}

std::vector<std::string> check_ids(const consul::Registration& registration) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < registration.checks.size(); ++i) {
    std::string id = registration.checks[i].check_id;
    if (id.empty()) {
      id = "service:" + registration.id;
      if (registration.checks.size() > 1) id += ":" + std::to_string(i + 1);
    }
    out.push_back(std::move(id));
  }
  return out;
}

std::vector<Feed> feeds_of(const docker::Container& container, const consul::Registration& registration) {
  std::vector<Feed> out;
  const std::vector<std::string> ids = check_ids(registration);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const consul::CheckDefinition& check = registration.checks[i];
    if (check.ttl.count() == 0) continue;
    Saying saying = health_of(container);
    if (ids[i].starts_with(kLeaseCheck)) saying = {"passing", "the container runs"};
    out.push_back({ids[i], registration.id, check.ttl, std::move(saying.status), std::move(saying.output)});
  }
  return out;
}

StaleChecks stale_checks(const consul::Registration& registration,
                         const std::map<std::string, consul::HealthCheck>& present) {
  StaleChecks out;
  const std::vector<std::string> ids = check_ids(registration);
  for (const auto& [id, check] : present) {
    if (check.service_id != registration.id || id.starts_with("_service_maintenance:")) continue;
    const auto wanted = std::find(ids.begin(), ids.end(), id);
    if (wanted == ids.end()) {
      out.after.push_back(id);
      continue;
    }
    const std::string kind = kind_of(registration.checks[static_cast<std::size_t>(wanted - ids.begin())]);
    if (!check.type.empty() && !kind.empty() && check.type != kind) out.before.push_back(id);
  }
  return out;
}

}  // namespace longshore::agent
