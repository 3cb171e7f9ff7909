// The agent's place in a supervisor.
#pragma once
#include <memory>

#include "agent/options.h"
#include "common/main/component.h"

namespace longshore::app {

// What may stand in an agent {} block; the options of `longshore agent` but for -config.
cli::OptionTable agent_file_options();

class AgentComponent {
 public:
  // Asks the system for its names and addresses, and the state directory for its nonce.
  AgentComponent(const async::Executor& executor, agent::AgentSetup setup, const status::Log& log);
  // Refers to this.
  Component component(std::optional<net::Endpoint> status_address);

 private:
  status::Log log_;
  std::string serves_;  // "docker … consul …", for the log
  std::unique_ptr<agent::Agent> agent_;
};

}  // namespace longshore::app
