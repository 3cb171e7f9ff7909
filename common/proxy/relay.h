// Carries out a RelayMachine for one client: reads both sides, writes both sides, asks before ending calls.
#pragma once
#include <functional>
#include <memory>

#include "common/async/task_group.h"
#include "common/net/stream.h"
#include "common/proxy/call.h"

namespace longshore::proxy {

// Who decides when a call that ends a container may reach the engine.
class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;
  using Ticket = std::uint64_t;
  // Returns when the call may go on (""), or why it may not. Cancelled when the client goes away.
  virtual async::Awaitable<std::string> before(Ticket ticket, EndingCall call) = 0;
  // The call has its answer, or its client is gone. Does not wait.
  virtual void after(Ticket ticket) = 0;
};

struct RelaySettings {
  net::Endpoint engine;
  base::Duration connect_limit = std::chrono::seconds(10);
};

// Until one side ends. What is referred to outlives the tasks.
async::Awaitable<void> relay(std::unique_ptr<net::Stream> client, const RelaySettings& settings, Gatekeeper& gatekeeper,
                             async::TaskGroup& tasks);

}  // namespace longshore::proxy
