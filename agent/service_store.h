// Where services are written: the Consul agent's list, or plain keys of Consul's KV store (consulkv://). Both look the
// same to the machine.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "common/async/executor.h"
#include "common/base/result.h"
#include "common/consul/client.h"

namespace longshore::agent {

class ServiceStore {
 public:
  virtual ~ServiceStore() = default;
  // All, or only the one of that ID ("" = all).
  virtual async::Awaitable<Result<std::map<std::string, consul::Service>>> load(std::string only_id) = 0;
  virtual async::Awaitable<Status> put(consul::Registration service, bool replace_checks) = 0;
  // An unknown ID is a success.
  virtual async::Awaitable<Status> remove(std::string id) = 0;
};

// `client` must outlive it.
std::unique_ptr<ServiceStore> make_agent_store(consul::Client& client);

}  // namespace longshore::agent
