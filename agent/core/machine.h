// The agent's mind: step(input, now) -> actions. It holds no connection, reads no clock and writes no log; the shell
// carries out what it asks for and tells it how that went. Docker's and Consul's sides are Inventory and Registrar.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/core/consul_link.h"
#include "agent/core/drains.h"
#include "agent/core/feeder.h"
#include "agent/core/inventory.h"
#include "agent/core/messages.h"
#include "agent/core/node_facts.h"
#include "agent/core/node_watch.h"
#include "agent/core/owner_lock.h"
#include "agent/core/reaper.h"
#include "agent/core/registrar.h"
#include "agent/core/service_spec.h"
#include "agent/core/status.h"
#include "agent/core/tag_templates.h"

namespace longshore::agent {

class AgentMachine {
 public:
  // seed: for jitter only.
  AgentMachine(AgentOptions options, LocalFacts local, std::uint64_t seed);

  // The first actions; once.
  Actions start(base::TimePoint now);
  Actions step(const Input& input, base::TimePoint now);
  // When a Timer is due; max() when only an answer can change anything.
  base::TimePoint next_wake() const;

  // Ready: one full sync is done (every container inspected, every entry written or tried) and both Docker and
  // Consul answer.
  bool ready() const;
  std::string why() const;
  AgentStatus status() const;
  const NodeFacts& facts() const { return facts_; }

 private:
  void handle(const Input& input, base::TimePoint now, Actions& out);
  void reload(const input::Reload& said, base::TimePoint now, Actions& out);
  void stop(Actions& out);
  void learn_facts(base::TimePoint now, Actions& out);
  void forget(const std::string& id, base::TimePoint now);
  void respec(const std::string& id, base::TimePoint now, Actions& out);
  void respec_changed(base::TimePoint now, Actions& out);
  void learn_targets(std::set<std::string>& changed);
  void feed(const std::string& id, base::TimePoint now);
  void inherit_stop(const std::string& id, const ContainerServices& spec, base::TimePoint now);
  void notes_known(const input::WithdrawalsLoaded& said);
  void services_known(ConsulLink::News news);
  void tick(base::TimePoint now, Actions& out);
  void end(Actions& out);
  ReaperStatus reaper_status() const;
  void log_decisions(const std::string& id, const ContainerServices& before, const ContainerServices& after,
                     Actions& out) const;
  void settle(base::TimePoint now, Actions& out);

  AgentOptions options_;
  LocalFacts local_;
  Inventory inventory_;
  ConsulLink link_;
  Registrar registrar_;
  TagTemplates tag_templates_;
  OwnerLock lock_;
  DrainWatch drains_;
  NodeWatch node_watch_;
  Reaper reaper_;
  Feeder feeder_;
  NodeFacts facts_;
  Identity identity_;
  bool facts_known_ = false;
  std::map<std::string, ContainerServices> specs_;              // by container; those that run
  std::set<std::string> sharing_;                               // containers that use another one's network
  std::set<std::string> changed_;                               // containers to derive anew
  std::map<std::string, std::vector<RouteTarget>> targets_of_;  // by container; those that have some
  std::vector<RouteTarget> targets_;                            // all of them
  std::uint64_t recoveries_seen_ = 0;
  bool inventory_complete_ = false;
  bool synced_ = false;
  bool drains_known_ = false;
  std::optional<std::map<std::string, WithdrawalNote>> notes_;  // of earlier lives, by service ID; known from then on
  bool listing_seen_ = false;                                   // of Consul, for the first time
  std::set<std::string> inherited_;  // containers of which it was asked whether they were being stopped
  bool stopping_ = false;
  bool leaving_ = false;   // the session is being given back
  base::TimePoint now_{};  // of the last step
  bool finished_ = false;  // nothing is waited for any more
  bool ended_ = false;     // Finish was said
};

}  // namespace longshore::agent
