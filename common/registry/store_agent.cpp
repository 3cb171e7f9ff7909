// The agent's half of the store: own services, own checks, maintenance.
#include <algorithm>

#include "common/registry/registration_rules.h"
#include "common/registry/rows.h"
#include "common/registry/store.h"

namespace longshore::registry {
namespace {

constexpr std::string_view kServiceMaintenance = "_service_maintenance:";
constexpr std::string_view kNodeMaintenance = "_node_maintenance";
// Source: check_update_interval of Consul: an output that changes without the status is told late, so that a check
// with a clock in its answer does not wake every watcher at each run.
constexpr base::Duration kOutputDelay = std::chrono::minutes(5);

std::string check_id(const consul::Registration& registration, const std::string& service_id, std::size_t number) {
  const consul::CheckDefinition& check = registration.checks[number];
  if (!check.check_id.empty()) return check.check_id;
  std::string id = "service:" + service_id;
  if (registration.checks.size() > 1) id += ":" + std::to_string(number + 1);
  return id;
}

}  // namespace

Status Store::register_service(const consul::Registration& registration, bool replace_checks, base::TimePoint now) {
  if (const auto problem = registration_problem(registration)) return fail(Errc::invalid_input, *problem);
  const consul::Service service = service_of(registration);
  const std::uint64_t index = next_index();
  catalog_.put_service(identity_.node, service, index, changes_);
  std::set<std::string> kept;
  for (std::size_t i = 0; i < registration.checks.size(); ++i) {
    const std::string id = check_id(registration, service.id, i);
    const std::string fallback = "Service '" + service.name + "' check";
    const std::string& name = registration.checks[i].name;
    put_own_check(id, registration.checks[i], service.id, name.empty() ? fallback : name, index, now);
    kept.insert(id);
  }
  // Checks that stay follow the name and tags of their service; with replace_checks the others go, and with them a
  // maintenance check (seen with 1.8.7).
  for (const std::string& id : catalog_.check_ids(own(service.id))) {
    if (kept.contains(id)) continue;
    if (replace_checks)
      remove_own_check(id, index);
    else
      catalog_.put_check(consul::HealthCheck(catalog_.check(own(id))->value), index, changes_);
  }
  return {};
}

bool Store::deregister_service(const std::string& id) {
  if (catalog_.service(own(id)) == nullptr) return false;
  remove_own_service(id, next_index());
  return true;
}

Status Store::register_check(const consul::CheckRegistration& registration, base::TimePoint now) {
  const consul::CheckDefinition& check = registration.check;
  if (check.name.empty()) return fail(Errc::invalid_input, "Missing check name");
  if (const auto problem = check_problem(check)) return fail(Errc::invalid_input, *problem);
  if (!registration.service_id.empty() && catalog_.service(own(registration.service_id)) == nullptr)
    return fail(Errc::rejected, "ServiceID \"" + registration.service_id + "\" does not exist");
  const std::string id = check.check_id.empty() ? check.name : check.check_id;
  put_own_check(id, check, registration.service_id, check.name, next_index(), now);
  return {};
}

bool Store::deregister_check(const std::string& id) {
  if (catalog_.check(own(id)) == nullptr || id == "serfHealth") return false;
  remove_own_check(id, next_index());
  return true;
}

Status Store::update_ttl(const std::string& id, CheckStatus status, const std::string& output, base::TimePoint now) {
  const auto found = local_checks_.find(id);
  if (found == local_checks_.end() || found->second.definition.ttl <= base::Duration{})
    return fail(Errc::rejected, "CheckID \"" + id + "\" does not have associated TTL");
  found->second.ttl_until = now + found->second.definition.ttl;
  set_status(id, found->second, status, output, now);
  return {};
}

Status Store::service_maintenance(const std::string& id, bool enable, const std::string& reason) {
  if (catalog_.service(own(id)) == nullptr)
    return fail(Errc::not_found, "No service registered with ID \"" + id + "\"");
  consul::HealthCheck check;
  check.name = "Service Maintenance Mode";
  check.service_id = id;
  const std::string fallback =
      "Maintenance mode is enabled for this service, but no reason was provided. This is a default message.";
  put_maintenance(std::string(kServiceMaintenance) + id, std::move(check), enable, reason.empty() ? fallback : reason);
  return {};
}

void Store::node_maintenance(bool enable, const std::string& reason) {
  consul::HealthCheck check;
  check.name = "Node Maintenance Mode";
  const std::string fallback =
      "Maintenance mode is enabled for this node, but no reason was provided. This is a default message.";
  put_maintenance(std::string(kNodeMaintenance), std::move(check), enable, reason.empty() ? fallback : reason);
}

void Store::put_maintenance(const std::string& id, consul::HealthCheck check, bool enable, const std::string& reason) {
  const bool is_on = catalog_.check(own(id)) != nullptr;
  if (is_on == enable) return;
  if (!enable) return remove_own_check(id, next_index());
  check.node = identity_.node;
  check.check_id = id;
  check.status = "critical";
  check.notes = reason;
  check.type = "maintenance";
  catalog_.put_check(check, next_index(), changes_);
}

void Store::check_result(const std::string& id, std::uint64_t generation, CheckStatus outcome,
                         const std::string& output, base::TimePoint now) {
  const auto found = local_checks_.find(id);
  if (found == local_checks_.end() || found->second.generation != generation) return;
  LocalCheck& local = found->second;
  if (const auto status = local.counter.count(local.definition, outcome)) set_status(id, local, *status, output, now);
}

std::vector<RunnableCheck> Store::runnable_checks() const {
  std::vector<RunnableCheck> out;
  for (const auto& [id, local] : local_checks_) {
    if (local.definition.http.empty() && connect_target(local.definition).empty()) continue;
    const CheckRecord* record = catalog_.check(own(id));
    const bool passed = record != nullptr && record->value.status == "passing";
    out.push_back(RunnableCheck{id, local.generation, local.definition, passed});
  }
  return out;
}

// A check that is registered again keeps its status and output (hashicorp/consul#868), and goes on running when its
// definition is the same.
void Store::put_own_check(const std::string& id, const consul::CheckDefinition& definition,
                          const std::string& service_id, const std::string& name, std::uint64_t index,
                          base::TimePoint now) {
  const CheckRecord* before = catalog_.check(own(id));
  consul::HealthCheck check;
  check.node = identity_.node;
  check.check_id = id;
  check.name = name;
  check.status = definition.status.empty() ? "critical" : definition.status;
  if (before != nullptr) check.status = before->value.status, check.output = before->value.output;
  check.notes = definition.notes;
  check.service_id = service_id;
  check.type = check_type(definition);
  LocalCheck& local = local_checks_[id];
  if (local.generation == 0 || local.definition != definition || local.service_id != service_id) {
    local.definition = definition;
    local.service_id = service_id;
    local.counter = CheckCounter{};
    local.generation = ++generation_;
    changes_.checks_to_run = true;
    changes_.rows.push_back(definition_row(id, local));
    if (is_alias(definition))
      aliases_.insert(id);
    else
      aliases_.erase(id);
  }
  if (before == nullptr) local.output.clear();
  local.ttl_until.reset();
  if (definition.ttl > base::Duration{}) local.ttl_until = now + definition.ttl;
  if (check.status != "critical")
    local.critical_since.reset();
  else if (!local.critical_since)
    local.critical_since = now;
  catalog_.put_check(check, index, changes_);
}

void Store::remove_own_check(const std::string& id, std::uint64_t index) {
  catalog_.remove_check(own(id), index, changes_);
  if (local_checks_.erase(id) == 0) return;
  aliases_.erase(id);
  changes_.checks_to_run = true;
  changes_.rows.push_back(Row{"definition", id, std::nullopt});
}

void Store::remove_own_service(const std::string& id, std::uint64_t index) {
  for (const std::string& check : catalog_.check_ids(own(id))) remove_own_check(check, index);
  catalog_.remove_service(own(id), index, changes_);
}

void Store::set_status(const std::string& id, LocalCheck& local, CheckStatus status, const std::string& output,
                       base::TimePoint now) {
  if (status != CheckStatus::critical)
    local.critical_since.reset();
  else if (!local.critical_since)
    local.critical_since = now;
  local.output = output;
  const CheckRecord* record = catalog_.check(own(id));
  if (record == nullptr) return;
  if (record->value.status == to_string(status)) {
    if (record->value.output != output && !local.output_due) local.output_due = now + kOutputDelay;
    return;
  }
  consul::HealthCheck check = record->value;
  changes_.lines.push_back(base::LogLine{
      base::Level::info,
      "check_changed",
      {{"check", id}, {"service", local.service_id}, {"from", check.status}, {"to", std::string(to_string(status))}}});
  check.status = to_string(status);
  check.output = output;
  local.output_due.reset();
  catalog_.put_check(check, next_index(), changes_);
}

void Store::expire_checks(base::TimePoint now) {
  std::vector<std::string> dead_services;
  for (auto& [id, local] : local_checks_) {
    if (local.ttl_until && *local.ttl_until <= now) {
      local.ttl_until.reset();
      const std::string last = local.output.empty() ? "" : " (last output before timeout follows): " + local.output;
      set_status(id, local, CheckStatus::critical, "TTL expired" + last, now);
    }
    if (local.output_due && *local.output_due <= now) {
      local.output_due.reset();
      if (const CheckRecord* record = catalog_.check(own(id)); record != nullptr) {
        consul::HealthCheck check = record->value;
        check.output = local.output;
        catalog_.put_check(check, next_index(), changes_);
      }
    }
    if (const auto reap = reap_time(local); reap && *reap <= now) dead_services.push_back(local.service_id);
  }
  for (const std::string& id : dead_services) {
    if (!deregister_service(id)) continue;
    const std::string reason = "critical for longer than its DeregisterCriticalServiceAfter";
    changes_.lines.push_back(base::LogLine{base::Level::info, "service_reaped", {{"id", id}, {"reason", reason}}});
  }
}

}  // namespace longshore::registry
