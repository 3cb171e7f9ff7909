// The shell around AgentMachine: carries out its actions on Docker and Consul and feeds the results back. One thread,
// every task in one group.
#pragma once
#include <memory>
#include <optional>

#include "agent/core/agent_options.h"
#include "agent/core/node_facts.h"
#include "agent/engine_memory.h"
#include "agent/kv_store.h"
#include "agent/reap_effects.h"
#include "common/async/executor.h"
#include "common/consul/client.h"
#include "common/docker/client.h"
#include "common/status/log.h"
#include "common/status/source.h"

namespace longshore::agent {

// Registrator's -retry-attempts and -retry-interval: tries of a first question to Consul before giving up.
struct StartRetries {
  int attempts = -1;  // extra tries; -1 = for ever, which is the default: an outage is waited for
  base::Duration interval = std::chrono::seconds(2);
};

struct AgentConfig {
  AgentOptions options;
  std::optional<KvStoreSettings> kv;  // consulkv: services are keys; owner and hostname are filled in by Agent
  docker::ClientSettings docker;
  consul::ClientSettings consul;
  LocalFacts local;
  ReapSettings reap;
  std::string state_dir;  // "" = nothing is kept
  StartRetries retries;
  base::Duration stop_within = std::chrono::seconds(5);  // operations in flight may take this long after a stop
};

class Agent {
 public:
  // `log` must outlive this.
  Agent(async::Executor executor, AgentConfig config, status::Log& log);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Ends after request_stop(): 0. 1 when Consul did not answer within the retries that the user asked for.
  async::Awaitable<int> run();
  void request_stop();
  // Read everything again; with other options from now on, if given (see reread.h), and the host's addresses anew.
  void request_reload(std::optional<AgentOptions> options = std::nullopt);
  // Refers to this; asked on the same thread.
  status::Source source();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longshore::agent
