#include "agent/core/registrar.h"

#include <algorithm>
#include <utility>

#include "agent/core/meta.h"
#include "common/base/duration.h"

namespace longshore::agent {
namespace {

using Stage = Operation::Stage;

constexpr base::Duration kTroubleWait = std::chrono::seconds(5);
constexpr std::size_t kShortId = 12;  // digits that people see of a container's ID

base::LogLine line(base::Level level, std::string event, const std::string& name, const std::string& id) {
  return {level, std::move(event), {{"service", name}, {"id", id}}};
}

std::string endpoint_text(const std::string& address, std::uint16_t port) {
  const bool ipv6 = address.find(':') != std::string::npos && !address.starts_with('[');
  return (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

Registrar::Registrar(const AgentOptions& options, std::uint64_t seed) : options_(options), random_(seed) {}

void Registrar::mark(const std::string& id) {
  if (is_dirty_.insert(id).second) dirty_.push_back(id);
}

void Registrar::announce(const std::string& why) {
  for (const std::string& id : standing_) {
    again_[id] = why;
    changed(id);
  }
}

void Registrar::leave(const Withhold& how) {
  leaving_ = how;
  for (const auto& [id, claims] : claims_) changed(id);
}

const Withhold* Registrar::withheld(const std::string& id) const {
  const Claim* claim = winner(id);
  return claim != nullptr && claim->wish.withhold ? &*claim->wish.withhold : nullptr;
}

std::string Registrar::rival(const std::string& id) const {
  const auto found = rivals_.find(id);
  return found == rivals_.end() ? std::string() : found->second;
}

bool Registrar::awaits_owners(const OwnerLock& lock) const {
  return std::any_of(rivals_.begin(), rivals_.end(),
                     [&](const auto& entry) { return claims_.contains(entry.first) && !lock.alive(entry.second); });
}

// A wish that changed is not made to wait for the failures of the former one.
void Registrar::changed(const std::string& id) {
  read_.erase(id);
  if (const auto operation = operations_.find(id); operation != operations_.end()) {
    operation->second.not_before = {};
    operation->second.backoff.reset();
  }
  mark(id);
}

// Entries of an earlier life of this agent are in no claim.
void Registrar::mark_entries_of(const std::string& container, const ConsulLink& link) {
  for (const auto& [id, service] : link.actual()) {
    const std::string of = container_of(service);
    if (!of.empty() && container.starts_with(of)) mark(id);
  }
}

void Registrar::want(const std::string& container, const std::string& started_at, std::vector<Wish> wishes,
                     const ConsulLink& link) {
  if (!wanted_.contains(container)) mark_entries_of(container, link);
  const std::set<std::string> before = std::exchange(wanted_[container], {});
  std::set<std::string>& now_wanted = wanted_[container];
  for (Wish& wish : wishes) {
    const std::string id = wish.service.id;
    now_wanted.insert(id);
    Claim& claim = claims_[id][container];
    if (!before.contains(id) || claim.wish != wish || claim.started_at != started_at) changed(id);
    claim = Claim{started_at, std::move(wish)};
  }
  for (const std::string& id : before) {
    if (now_wanted.contains(id)) continue;
    claims_[id].erase(container);
    if (claims_[id].empty()) claims_.erase(id);
    changed(id);
  }
}

void Registrar::forget(const std::string& container, const ConsulLink& link) {
  const auto found = wanted_.find(container);
  if (found == wanted_.end()) return mark_entries_of(container, link);
  for (const std::string& id : found->second) {
    claims_[id].erase(container);
    if (claims_[id].empty()) claims_.erase(id);
    changed(id);
  }
  wanted_.erase(found);
}

const Registrar::Claim* Registrar::winner(const std::string& id) const {
  const auto found = claims_.find(id);
  if (found == claims_.end()) return nullptr;
  const Claim* best = nullptr;
  for (const auto& [container, claim] : found->second)
    if (best == nullptr || claim.started_at >= best->started_at) best = &claim;
  return best;
}

std::string Registrar::claimant(const std::string& id) const {
  const Claim* best = winner(id);
  if (best == nullptr) return {};
  for (const auto& [container, claim] : claims_.at(id))
    if (&claim == best) return container;
  return {};
}

void Registrar::recheck_rivals() {
  for (const auto& [id, owner] : rivals_) mark(id);
}

void Registrar::recheck(const ConsulLink& link, bool from_consul) {
  if (from_consul) ++counts_.reconciles;
  for (const auto& [id, claims] : claims_) {
    // What differs now although it was as wished has been changed by somebody else.
    if (from_consul && standing_.contains(id) && !operations_.contains(id)) read_.insert(id);
    mark(id);
  }
  for (const auto& [id, service] : link.actual()) mark(id);
}

void Registrar::forgive(base::TimePoint now) {
  for (auto& [id, operation] : operations_) {
    if (operation.stage != Stage::idle || operation.code != Errc::unreachable) continue;
    operation.not_before = now;
    operation.backoff.reset();
    mark(id);
  }
}

void Registrar::begin(Operation& operation, Stage stage, const std::string& id, ConsulLink& link) {
  operation.stage = stage;
  ++in_flight_;
  link.touched(id);
}

// The operation whose answer has come; a late answer to nothing gets a fresh one.
Operation& Registrar::finish(const std::string& id) {
  Operation& operation = operations_[id];
  if (operation.stage != Stage::idle && in_flight_ > 0) --in_flight_;
  operation.stage = Stage::idle;
  mark(id);
  return operation;
}

void Registrar::retry(const std::string& id, Operation& operation, const Error& error, std::string_view event,
                      base::TimePoint now, Actions& out) {
  base::Duration wait = operation.backoff.next(random_.chance());
  // Consul's own trouble passes (no leader, too busy); a refusal has to be looked at by somebody.
  if (error.code != Errc::rejected && error.code != Errc::invalid_input) wait = std::min(wait, kTroubleWait);
  operation.not_before = now + wait;
  // An outage has its own line; hundreds of these would say nothing more.
  if (operation.error != error.text && error.code != Errc::unreachable && error.code != Errc::cancelled) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    out.push_back(base::LogLine{base::Level::warn,
                                std::string(event),
                                {{"id", id},
                                 {"error", error.text},
                                 {"retry_in", base::format_duration(std::chrono::milliseconds(milliseconds))}}});
  }
  operation.error = error.text;
  operation.code = error.code;
}

void Registrar::registered(const input::Registered& said, ConsulLink& link, base::TimePoint now, Actions& out) {
  Operation& operation = finish(said.id);
  link.touched(said.id);
  if (!said.status) {
    ++counts_.registration_failures;
    retry(said.id, operation, said.status.error(), "register_failed", now, out);
    link.suspect(said.status.error().code, now);
    return;
  }
  ++counts_.registrations;
  const consul::Registration& sent = operation.sent;
  base::LogLine done = line(base::Level::info, "service_registered", sent.name, said.id);
  if (const auto container = sent.meta.find(std::string(kMetaContainer)); container != sent.meta.end())
    done.fields.emplace_back("container", container->second);
  else if (const std::string whose = claimant(said.id); !whose.empty())
    done.fields.emplace_back("container", whose.substr(0, kShortId));
  done.fields.emplace_back("address", endpoint_text(sent.address, sent.port));
  done.fields.emplace_back("reason", operation.reason);
  out.push_back(std::move(done));
  link.put(as_registered(sent));
  operations_.erase(said.id);
  // What the container used to ask for waits until the new entry stands.
  if (const std::string container = claimant(said.id); !container.empty()) mark_entries_of(container, link);
}

void Registrar::withdrawn(const input::Withdrawn& said, base::TimePoint now, Actions& out) {
  Operation& operation = finish(said.id);
  // Without the note renderers hold the instance for a while; an entry that stays for ever would be worse.
  operation.noted = true;
  if (said.status) {
    ++counts_.withdrawals;
    notes_[said.id] = now;
    note_error_.clear();
    return;
  }
  ++counts_.withdrawal_failures;
  if (said.status.error().text == note_error_) return;
  note_error_ = said.status.error().text;
  out.push_back(base::LogLine{base::Level::warn, "withdraw_failed", {{"id", said.id}, {"error", note_error_}}});
}

void Registrar::deregistered(const input::Deregistered& said, ConsulLink& link, base::TimePoint now, Actions& out) {
  Operation& operation = finish(said.id);
  link.touched(said.id);
  if (!said.status && said.status.error().code != Errc::not_found) {
    ++counts_.deregistration_failures;
    retry(said.id, operation, said.status.error(), "deregister_failed", now, out);
    link.suspect(said.status.error().code, now);
    return;
  }
  ++counts_.deregistrations;
  const auto gone = link.actual().find(said.id);
  const std::string name = gone == link.actual().end() ? std::string() : gone->second.name;
  base::LogLine done = line(base::Level::info, "service_deregistered", name, said.id);
  const std::string whose = gone == link.actual().end() ? std::string() : container_of(gone->second);
  if (!whose.empty()) done.fields.emplace_back("container", whose);
  done.fields.emplace_back("reason", operation.reason);
  out.push_back(std::move(done));
  link.erase(said.id);
  operations_.erase(said.id);
}

void Registrar::maintenance_set(const input::MaintenanceSet& said, ConsulLink& link, base::TimePoint now,
                                Actions& out) {
  Operation& operation = finish(said.id);
  link.touched(said.id);
  if (!said.status) {
    const Error& error = said.status.error();
    ++counts_.maintenance_failures;
    retry(said.id, operation, error, said.enabled ? "maintenance_failed" : "release_failed", now, out);
    // The agent lost the service: a full read shows what else.
    link.suspect(error.code, now);
    return;
  }
  ++(said.enabled ? counts_.maintenances : counts_.releases);
  const auto listed = link.actual().find(said.id);
  const std::string name = listed == link.actual().end() ? std::string() : listed->second.name;
  base::LogLine done = line(base::Level::info, said.enabled ? "service_in_maintenance" : "service_back", name, said.id);
  done.fields.emplace_back("reason", operation.reason);
  out.push_back(std::move(done));
  link.put_maintenance(said.id, said.enabled ? std::optional(said.reason) : std::nullopt);
  operations_.erase(said.id);
}

void Registrar::renew(const std::string& id, const std::string& why, ConsulLink& link) {
  const Claim* claim = winner(id);
  const auto listed = link.actual().find(id);
  if (claim == nullptr || listed == link.actual().end()) return;
  // Nothing in the list tells of it: believed to be another one, it is written.
  consul::Service doubted = listed->second;
  doubted.meta[std::string(kMetaChecks)] = why;
  link.put(std::move(doubted));
  mark(id);
}

void Registrar::forgotten(const input::WithdrawalForgotten& said) {
  finish(said.id);
  // A note that could not be deleted is found again by the next start.
  notes_.erase(said.id);
}

void Registrar::withdrawals_loaded(const input::WithdrawalsLoaded& said, base::TimePoint now) {
  if (!said.notes) return;
  for (const WithdrawalNote& note : *said.notes) {
    notes_.try_emplace(note.id, now);
    mark(note.id);
  }
}

}  // namespace longshore::agent
