// The shell's part of a service's life besides being registered: maintenance, heartbeats, drains, the owner's lock.
// Each call ends with one input.
#pragma once
#include <string>

#include "agent/core/messages.h"
#include "agent/lock_record.h"
#include "agent/state_lock.h"
#include "common/async/executor.h"
#include "common/async/input_queue.h"
#include "common/consul/client.h"

namespace longshore::agent {

class LifeEffects {
 public:
  // consul: for what may wait; quick: the same with short limits; state: of the state directory. All must outlive it.
  // keys: consulkv, where services are no services of the agent and nobody else can have our lock.
  LifeEffects(consul::Client& consul, consul::Client& quick, StateLock& state, async::InputQueue<Input>& queue,
              std::string env, bool keys);

  async::Awaitable<void> set_maintenance(action::SetMaintenance what);
  // Ends and begins it, so that it is told to the catalog anew. Only while the catalog has no such service.
  async::Awaitable<Status> renew_maintenance(std::string id, std::string reason);
  async::Awaitable<void> feed(action::FeedCheck what);
  async::Awaitable<void> load_drains(action::LoadDrains what);
  async::Awaitable<void> lock_owner(action::LockOwner what);
  async::Awaitable<void> renew(action::RenewSession what);
  async::Awaitable<void> load_owners(action::LoadOwners what);
  async::Awaitable<void> end_session(action::EndSession what);
  // Reasons of the services that are in maintenance, by ID.
  async::Awaitable<Result<std::map<std::string, std::string>>> load_maintenance();

 private:
  async::Awaitable<Result<LockAnswer>> take(action::LockOwner what);
  Process self();

  consul::Client& consul_;
  consul::Client& quick_;
  StateLock& state_;
  async::InputQueue<Input>& queue_;
  const std::string env_;
  const bool keys_;
  const Process process_;
};

}  // namespace longshore::agent
