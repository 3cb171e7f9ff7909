#include "agent/life_effects.h"

#include <utility>

#include "agent/core/owner_lock.h"
#include "agent/core/ownership.h"
#include "agent/drain_records.h"

namespace longshore::agent {

LifeEffects::LifeEffects(consul::Client& consul, consul::Client& quick, StateLock& state,
                         async::InputQueue<Input>& queue, std::string env, bool keys)
    : consul_(consul),
      quick_(quick),
      state_(state),
      queue_(queue),
      env_(std::move(env)),
      keys_(keys),
      process_(this_process()) {}

Process LifeEffects::self() {
  Process out = process_;
  out.state_lock = state_.name();
  return out;
}

async::Awaitable<void> LifeEffects::set_maintenance(action::SetMaintenance what) {
  input::MaintenanceSet said;
  said.status = co_await quick_.service_maintenance(what.id, what.enable, what.reason);
  said.id = std::move(what.id);
  said.enabled = what.enable;
  said.reason = std::move(what.reason);
  queue_.push(std::move(said));
}

async::Awaitable<Status> LifeEffects::renew_maintenance(std::string id, std::string reason) {
  const Status ended = co_await quick_.service_maintenance(id, false, std::string());
  if (!ended) co_return ended;
  co_return co_await quick_.service_maintenance(std::move(id), true, std::move(reason));
}

async::Awaitable<void> LifeEffects::feed(action::FeedCheck what) {
  input::CheckFed said;
  said.status = co_await consul_.update_ttl(what.check_id, std::move(what.status), std::move(what.output));
  said.check_id = std::move(what.check_id);
  queue_.push(std::move(said));
}

async::Awaitable<void> LifeEffects::load_drains(action::LoadDrains what) {
  input::DrainsLoaded said;
  said.ticket = what.ticket;
  std::string prefix = drain_prefix(env_, what.node);
  consul::QueryOptions query;
  query.index = what.index;
  query.wait = what.wait;
  // A server that replays its log after a crash would show drains of the past, or none.
  query.consistent = what.index == 0;
  auto pairs = co_await consul_.kv_list(prefix, std::move(query));
  if (pairs) {
    said.records->index = pairs->meta.index;
    for (const consul::KvPair& pair : pairs->value)
      if (std::optional<DrainRecord> record = decode_drain(prefix, pair)) said.records->records.push_back(*record);
  } else {
    said.records = fail(pairs.error());
  }
  queue_.push(std::move(said));
}

// A wait for another agent's end costs reads only: a session is made when the key is free.
async::Awaitable<Result<LockAnswer>> LifeEffects::take(action::LockOwner what) {
  const std::string key = lock_prefix(env_, what.node) + owner_key(what.owner);
  const Process me = self();
  LockAnswer answer;
  consul::QueryOptions confirmed = consul::confirmed();
  auto present = co_await quick_.kv_get(key, confirmed);
  if (!present) co_return fail(std::move(present).error());
  if (present->value && !present->value->session.empty() && present->value->session != what.session) {
    answer.holder = holder_text(present->value->value);
    if (is_written_by(present->value->value, me)) {
      // We took it, and the answer was lost.
      auto ttl = co_await quick_.session_renew(present->value->session);
      if (!ttl) co_return fail(std::move(ttl).error());
      answer.session = present->value->session;
      answer.held = true;
      answer.holder.clear();
      co_return answer;
    }
    if (!provably_dead(present->value->value, me)) co_return answer;
    const Status ended = co_await quick_.session_destroy(present->value->session);
    if (!ended) co_return fail(ended.error());
  }
  answer.session = std::move(what.session);
  if (answer.session.empty()) {
    consul::SessionRequest wanted;
    wanted.name = "longshore agent";
    wanted.ttl = OwnerLock::kSessionTtl;
    wanted.lock_delay = base::Duration();
    wanted.behavior = "delete";
    // Its life is the process's; a host that Consul takes for lost may still run its agent.
    wanted.node_checks.emplace();
    auto session = co_await quick_.session_create(std::move(wanted));
    if (!session) co_return fail(std::move(session).error());
    answer.session = std::move(*session);
  }
  consul::KvWrite how;
  how.acquire = answer.session;
  auto taken = co_await quick_.kv_put(key, lock_value(me, what.owner), std::move(how));
  if (taken && *taken) {
    answer.held = true;
    co_return answer;
  }
  // Refused, or another one was quicker: the session would be an orphan until its TTL is over.
  std::string orphan = std::move(answer.session);
  answer.session.clear();
  const Status given_back = co_await quick_.session_destroy(std::move(orphan));
  if (!taken) co_return fail(std::move(taken).error());
  if (!given_back) co_return fail(given_back.error());
  answer.holder = "another agent";
  co_return answer;
}

async::Awaitable<void> LifeEffects::lock_owner(action::LockOwner what) {
  input::OwnerLocked said;
  said.ticket = what.ticket;
  if (keys_) {
    said.answer->held = true;
  } else {
    said.answer = co_await take(std::move(what));
  }
  queue_.push(std::move(said));
}

async::Awaitable<void> LifeEffects::renew(action::RenewSession what) {
  input::SessionRenewed said;
  said.ticket = what.ticket;
  if (!what.session.empty()) {
    auto ttl = co_await quick_.session_renew(std::move(what.session));
    if (!ttl) said.status = fail(ttl.error());
  }
  queue_.push(std::move(said));
}

async::Awaitable<void> LifeEffects::load_owners(action::LoadOwners what) {
  input::OwnersLoaded said;
  const std::string prefix = lock_prefix(env_, what.node);
  consul::QueryOptions confirmed = consul::confirmed();
  auto pairs = co_await quick_.kv_list(prefix, std::move(confirmed));
  const Process me = self();
  if (pairs) {
    for (const consul::KvPair& pair : pairs->value)
      if (!pair.session.empty() && pair.key.starts_with(prefix) && !provably_dead(pair.value, me))
        said.alive->insert(pair.key.substr(prefix.size()));
  } else {
    said.alive = fail(pairs.error());
  }
  queue_.push(std::move(said));
}

async::Awaitable<void> LifeEffects::end_session(action::EndSession what) {
  // When that fails its TTL ends it.
  [[maybe_unused]] const Status done = co_await quick_.session_destroy(std::move(what.session));
  queue_.push(input::SessionEnded());
}

async::Awaitable<Result<std::map<std::string, std::string>>> LifeEffects::load_maintenance() {
  std::map<std::string, std::string> out;
  if (keys_) co_return out;
  auto checks = co_await consul_.agent_checks("Name == \"Service Maintenance Mode\"");
  if (!checks) co_return fail(std::move(checks).error());
  constexpr std::string_view kPrefix = "_service_maintenance:";
  for (const auto& [id, check] : *checks)
    if (id.starts_with(kPrefix)) out.emplace(id.substr(kPrefix.size()), check.notes);
  co_return out;
}

}  // namespace longshore::agent
