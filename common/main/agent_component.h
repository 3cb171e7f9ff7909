// The agent's place in a supervisor.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/reread.h"
#include "common/main/component.h"

namespace longshore::app {

// What may stand in an agent {} block; the options of `longshore agent` but for -config.
cli::OptionTable agent_file_options();

class AgentComponent {
 public:
  // Asks the system for its names and addresses, and the state directory for its nonce.
  // reader: of the options at HUP; nothing: they are read once. adopted: is told of options that are in force now.
  AgentComponent(const async::Executor& executor, agent::AgentSetup setup, const status::Log& log,
                 std::optional<agent::OptionReader> reader = std::nullopt,
                 std::function<void(const cli::Parsed&)> adopted = {});
  // Refers to this.
  Component component(std::optional<net::Endpoint> status_address);

 private:
  void reload();

  status::Log log_;
  std::string serves_;  // "docker … consul …", for the log
  std::unique_ptr<agent::Agent> agent_;
  std::optional<agent::OptionReader> reader_;
  std::function<void(const cli::Parsed&)> adopted_;
};

}  // namespace longshore::app
