#include "common/main/agent_component.h"

#include "agent/host_facts.h"

namespace longshore::app {

AgentComponent::AgentComponent(const async::Executor& executor, agent::AgentSetup setup, const status::Log& log)
    : log_(log.named("agent")) {
  setup.config.local = agent::read_local_facts(setup.config.options);
  agent::Nonce nonce = agent::load_nonce(setup.state_dir);
  if (!nonce.warning.empty()) log_.write({base::Level::warn, "nonce_not_kept", {{"reason", nonce.warning}}});
  setup.config.state_dir = setup.state_dir;
  setup.config.local.nonce = std::move(nonce.value);
  serves_ = net::to_string(setup.config.docker.endpoint) + " -> " + net::to_string(setup.config.consul.endpoint);
  agent_ = std::make_unique<agent::Agent>(executor, std::move(setup.config), log_);
}

Component AgentComponent::component(std::optional<net::Endpoint> status_address) {
  Component component;
  component.name = "agent";
  component.run = [this] { return agent_->run(); };
  component.request_stop = [this] { agent_->request_stop(); };
  component.request_reload = [this] { agent_->request_reload(); };
  component.source = agent_->source();
  component.status_address = std::move(status_address);
  component.address = [this] { return serves_; };
  return component;
}

}  // namespace longshore::app
