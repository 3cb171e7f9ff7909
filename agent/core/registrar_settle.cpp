#include <algorithm>

#include "agent/core/registrar.h"
#include "common/base/duration.h"

namespace longshore::agent {
namespace {

using Stage = Operation::Stage;

}  // namespace

// Everything that a running container asks for stands as asked, or is withheld.
bool Registrar::settled(const std::string& container, const ConsulLink& link) const {
  const auto wanted = wanted_.find(container);
  if (wanted == wanted_.end()) return true;
  return std::all_of(wanted->second.begin(), wanted->second.end(), [&](const std::string& id) {
    const Claim* claim = winner(id);
    if (claim == nullptr || claim->wish.withhold) return true;
    const auto listed = link.actual().find(id);
    return listed != link.actual().end() && difference(claim->wish.service, listed->second).empty();
  });
}

Fate Registrar::fate_of(const consul::Service& entry, const World& world, const ConsulLink& link) const {
  if (!world.inventory.listed_once()) return Fate::undecided;
  const std::string container = container_of(entry);
  const auto classic = parse_classic_id(entry.id);
  for (const auto& [id, name] : held_)
    if (container.empty() ? classic && classic->container == name : id.starts_with(container)) return Fate::undecided;
  if (container.empty()) return classic ? world.inventory.fate_by_name(classic->container) : Fate::undecided;
  const Fate fate = world.inventory.fate_by_id(container);
  if (fate != Fate::running) return fate;
  // Make before break: an old name stays until the new one is registered, however often that fails.
  const auto running = wanted_.lower_bound(container);
  const bool known = running != wanted_.end() && running->first.starts_with(container);
  return known && settled(running->first, link) ? Fate::running : Fate::undecided;
}

// Must this step wait? For who is alive, or for the probation's end.
bool Registrar::waits(const std::string& id, const Step& step, const Claim* claim, const consul::Service* actual,
                      const World& world, base::TimePoint now, Actions& out) {
  const std::string owner = actual == nullptr ? std::string() : rival_of(*actual, world.identity);
  const bool in_question = !owner.empty() && (claim != nullptr || step.probation);
  if (!in_question) {
    rivals_.erase(id);
    conflicts_.erase(id);
  } else {
    rivals_[id] = owner;
    const std::optional<bool> alive = world.lock.alive(owner);
    if (!alive) return true;
    if (*alive) {
      suspects_.erase(id);
      if (claim != nullptr && conflicts_.insert(id).second)
        out.push_back(
            base::LogLine{base::Level::warn,
                          "id_taken",
                          {{"id", id},
                           {"owner", owner},
                           {"reason", "another live agent has this ID: host names must differ (-hostname)"}}});
      return true;
    }
    conflicts_.erase(id);
  }
  if (!step.probation) {
    suspects_.erase(id);
    return false;
  }
  const auto [since, fresh] = suspects_.try_emplace(id, now);
  if (fresh && options_.probation.count() > 0)
    out.push_back(base::LogLine{base::Level::info,
                                "probation",
                                {{"id", id},
                                 {"owner", owner},
                                 {"reason", step.reason},
                                 {"goes_in", base::format_duration(options_.probation)}}});
  return since->second + options_.probation > now;
}

void Registrar::tidy(const std::string& id, const consul::Service* actual, const World& world, ConsulLink& link,
                     base::TimePoint now, Actions& out) {
  suspects_.erase(id);
  rivals_.erase(id);
  conflicts_.erase(id);
  const auto note = notes_.find(id);
  const bool note_over =
      note != notes_.end() && !world.stopping && (actual != nullptr || note->second + kNoteKept <= now);
  if (!note_over) {
    operations_.erase(id);
    return;
  }
  begin(operations_[id], Stage::forgetting, id, link);
  out.push_back(action::ForgetWithdrawal{world.node, id});
}

void Registrar::obey(const std::string& id, const Step& step, const Claim* claim, const consul::Service* actual,
                     const World& world, ConsulLink& link, Actions& out) {
  Operation& operation = operations_[id];
  operation.reason = step.reason;
  switch (step.kind) {
    case Step::Kind::register_service:
      operation.noted = false;
      operation.sent = claim->wish.service;
      begin(operation, Stage::registering, id, link);
      out.push_back(action::Register{claim->wish.service, step.replace_checks, step.maintenance});
      return;
    case Step::Kind::maintain:
      begin(operation, Stage::maintaining, id, link);
      out.push_back(action::SetMaintenance{id, true, std::string(kOurMaintenance) + step.reason});
      return;
    case Step::Kind::release:
      begin(operation, Stage::releasing, id, link);
      out.push_back(action::SetMaintenance{id, false, ""});
      return;
    case Step::Kind::deregister:
      if (!operation.noted) {
        begin(operation, Stage::withdrawing, id, link);
        out.push_back(action::Withdraw{world.node, *actual, step.reason});
        return;
      }
      begin(operation, Stage::deregistering, id, link);
      out.push_back(action::Deregister{id});
      return;
  }
}

void Registrar::act(const std::string& id, const World& world, ConsulLink& link, base::TimePoint now, Actions& out) {
  const auto before = operations_.find(id);
  if (before != operations_.end() && (before->second.stage != Stage::idle || before->second.not_before > now)) return;
  const bool noted = before != operations_.end() && before->second.noted;

  const Claim* claim = winner(id);
  const auto listed = link.actual().find(id);
  const consul::Service* actual = listed == link.actual().end() ? nullptr : &listed->second;
  const auto reason = link.maintenance().find(id);
  IdState state;
  state.actual = actual;
  state.maintenance = reason == link.maintenance().end() ? nullptr : &reason->second;
  if (claim != nullptr) {
    state.desired = &claim->wish.service;
    state.withhold = claim->wish.withhold ? &*claim->wish.withhold : nullptr;
    if (leaving_) state.withhold = &*leaving_;
  } else if (actual != nullptr) {
    state.fate = fate_of(*actual, world, link);
  }
  if (claim != nullptr && actual != nullptr)
    standing_.insert(id);
  else
    standing_.erase(id);

  const bool read = read_.erase(id) != 0;
  auto step = decide(id, state, world.identity, options_.cleanup);
  if (const auto again = again_.find(id); again != again_.end()) {
    const bool writes = !step && claim != nullptr && actual != nullptr && !world.stopping;
    if (writes) step = Step{Step::Kind::register_service, id, again->second, false, false, {}};
    if (step && step->kind == Step::Kind::register_service && state.maintenance != nullptr)
      step->maintenance = *state.maintenance;
    // A change of maintenance comes first.
    if (!step || step->kind == Step::Kind::register_service || step->kind == Step::Kind::deregister)
      again_.erase(again);
  }
  if (!step) return tidy(id, actual, world, link, now, out);
  const bool leaves = step->kind == Step::Kind::deregister || step->kind == Step::Kind::maintain;
  if (world.stopping && !(leaves && (noted || (leaving_ && claim != nullptr)))) return;
  if (!noted && waits(id, *step, claim, actual, world, now, out)) return;
  // What is drained or being stopped must not get traffic for the moment in which that is not known.
  const bool joins = step->kind == Step::Kind::release || (step->kind == Step::Kind::register_service && !actual);
  if (joins && !world.may_join) return;
  if (read) ++counts_.corrections;
  obey(id, *step, claim, actual, world, link, out);
}

void Registrar::settle(const World& world, ConsulLink& link, base::TimePoint now, Actions& out) {
  settled_at_ = now;
  for (const auto& [id, operation] : operations_)
    if (operation.stage == Stage::idle && !operation.error.empty() && operation.not_before <= now) mark(id);
  for (const auto& [id, written] : notes_)
    if (written + kNoteKept <= now) mark(id);
  for (const auto& [id, since] : suspects_)
    if (since + options_.probation <= now) mark(id);
  if (!link.writable() || !world.lock.may_write()) return;
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
  // Those whose time is over wait for something else: to know who is alive.
  for (const auto& [id, since] : suspects_)
    if (!is_dirty_.contains(id) && since + options_.probation > settled_at_) consider(since + options_.probation);
  return wake;
}

}  // namespace longshore::agent
