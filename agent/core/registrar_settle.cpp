#include <algorithm>

#include "agent/core/registrar.h"

namespace longshore::agent {
namespace {

using Stage = Operation::Stage;

}  // namespace

Fate Registrar::fate_of(const consul::Service& entry, const World& world) const {
  if (!world.inventory.listed_once()) return Fate::undecided;
  const std::string container = container_of(entry);
  const auto classic = parse_classic_id(entry.id);
  for (const auto& [id, name] : held_)
    if (container.empty() ? classic && classic->container == name : id.starts_with(container)) return Fate::undecided;
  if (!container.empty()) return world.inventory.fate_by_id(container);
  return classic ? world.inventory.fate_by_name(classic->container) : Fate::undecided;
}

void Registrar::act(const std::string& id, const World& world, ConsulLink& link, base::TimePoint now, Actions& out) {
  const auto before = operations_.find(id);
  if (before != operations_.end() && (before->second.stage != Stage::idle || before->second.not_before > now)) return;
  const bool noted = before != operations_.end() && before->second.noted;

  const Claim* claim = winner(id);
  const auto listed = link.actual().find(id);
  const consul::Service* actual = listed == link.actual().end() ? nullptr : &listed->second;
  IdState state{claim == nullptr ? nullptr : &claim->service, actual, Fate::undecided};
  if (claim == nullptr && actual != nullptr) state.fate = fate_of(*actual, world);
  if (claim != nullptr && actual != nullptr)
    standing_.insert(id);
  else
    standing_.erase(id);

  const auto step = decide(id, state, world.identity, options_.cleanup);
  if (world.stopping && !(step && step->kind == Step::Kind::deregister && noted)) return;
  if (!step) {
    const auto note = notes_.find(id);
    const bool note_over = note != notes_.end() && (actual != nullptr || note->second + kNoteKept <= now);
    if (!note_over) {
      operations_.erase(id);
      return;
    }
    begin(operations_[id], Stage::forgetting, id, link);
    out.push_back(action::ForgetWithdrawal{world.node, id});
    return;
  }
  Operation& operation = operations_[id];
  operation.reason = step->reason;
  if (step->kind == Step::Kind::register_service) {
    operation.noted = false;
    operation.sent = claim->service;
    begin(operation, Stage::registering, id, link);
    out.push_back(action::Register{claim->service, step->replace_checks});
  } else if (!operation.noted) {
    begin(operation, Stage::withdrawing, id, link);
    out.push_back(action::Withdraw{world.node, *actual, step->reason});
  } else {
    begin(operation, Stage::deregistering, id, link);
    out.push_back(action::Deregister{id});
  }
}

void Registrar::settle(const World& world, ConsulLink& link, base::TimePoint now, Actions& out) {
  for (const auto& [id, operation] : operations_)
    if (operation.stage == Stage::idle && !operation.error.empty() && operation.not_before <= now) mark(id);
  for (const auto& [id, written] : notes_)
    if (written + kNoteKept <= now) mark(id);
  if (!link.writable()) return;
  for (std::size_t left = dirty_.size(); left > 0 && in_flight_ < kOperationsAtOnce; --left) {
    const std::string id = std::move(dirty_.front());
    dirty_.pop_front();
    is_dirty_.erase(id);
    act(id, world, link, now, out);
  }
}

std::optional<base::TimePoint> Registrar::next_wake() const {
  std::optional<base::TimePoint> wake;
  const auto consider = [&](base::TimePoint when) { wake = wake ? std::min(*wake, when) : when; };
  for (const auto& [id, operation] : operations_)
    if (operation.stage == Stage::idle && !operation.error.empty() && !is_dirty_.contains(id))
      consider(operation.not_before);
  for (const auto& [id, written] : notes_)
    if (!operations_.contains(id) && !is_dirty_.contains(id)) consider(written + kNoteKept);
  return wake;
}

}  // namespace longshore::agent
