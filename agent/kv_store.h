// consulkv: services as keys of the KV store, see core/kv_entry.h. With a lease every key is held by one session of
// this agent whose end deletes them.
#pragma once
#include <memory>
#include <string>

#include "agent/service_store.h"
#include "common/async/task_group.h"
#include "common/status/log.h"

namespace longshore::agent {

struct KvStoreSettings {
  std::string prefix;            // without slashes at its ends; not empty
  base::Duration lease{};        // -ttl, 10 s to 24 h: 0 = keys stay
  base::Duration renew_every{};  // -ttl-refresh, shorter than the lease
  std::string owner;             // kv_owner() of this agent
  std::string hostname;          // first part of service IDs: Registrator's keys with it are adopted
  bool operator==(const KvStoreSettings&) const = default;
};

// All must outlive it. With a lease its renewal runs in `tasks` until they are cancelled.
std::unique_ptr<ServiceStore> make_kv_store(consul::Client& client, KvStoreSettings settings, async::TaskGroup& tasks,
                                            status::Log& log);

}  // namespace longshore::agent
