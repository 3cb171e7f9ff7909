#include "common/main/agent_component.h"

#include "agent/host_facts.h"
#include "common/base/text.h"

namespace longshore::app {

AgentComponent::AgentComponent(const async::Executor& executor, agent::AgentSetup setup, const status::Log& log,
                               std::optional<agent::OptionReader> reader,
                               std::function<void(const cli::Parsed&)> adopted)
    : log_(log.named("agent")), reader_(std::move(reader)), adopted_(std::move(adopted)) {
  setup.config.local = agent::read_local_facts(setup.config.options);
  agent::Nonce nonce = agent::load_nonce(setup.state_dir);
  if (!nonce.warning.empty()) log_.write({base::Level::warn, "nonce_not_kept", {{"reason", nonce.warning}}});
  setup.config.state_dir = setup.state_dir;
  setup.config.local.nonce = std::move(nonce.value);
  serves_ = net::to_string(setup.config.docker.endpoint) + " -> " + net::to_string(setup.config.consul.endpoint);
  agent_ = std::make_unique<agent::Agent>(executor, std::move(setup.config), log_);
}

void AgentComponent::reload() {
  if (!reader_) return agent_->request_reload();
  Result<agent::Reread> fresh = reader_->read();
  if (!fresh) {
    log_.write({base::Level::error,
                "configuration_refused",
                {{"error", fresh.error().text}, {"effect", "the options stay as they were"}}});
    return agent_->request_reload();
  }
  for (const std::string& remark : fresh->remarks)
    log_.write({base::Level::warn, "configuration", {{"remark", remark}}});
  if (!fresh->changed.empty())
    log_.write({base::Level::info, "options_changed", {{"changed", base::join(fresh->changed, ", ")}}});
  if (!fresh->restart.empty())
    log_.write({base::Level::warn,
                "restart_needed",
                {{"changed", base::join(fresh->restart, ", ")}, {"kept", "what it was at the start"}}});
  if (adopted_) adopted_(fresh->parsed);
  agent_->request_reload(std::move(fresh->options));
}

Component AgentComponent::component(std::optional<net::Endpoint> status_address) {
  Component component;
  component.name = "agent";
  component.run = [this] { return agent_->run(); };
  component.request_stop = [this] { agent_->request_stop(); };
  component.request_reload = [this] { reload(); };
  component.source = agent_->source();
  component.status_address = std::move(status_address);
  component.address = [this] { return serves_; };
  return component;
}

}  // namespace longshore::app
