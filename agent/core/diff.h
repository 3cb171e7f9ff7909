// From what should be registered and what is, to what must be written. Reconciling twice changes nothing.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/ownership.h"
#include "agent/core/withhold.h"
#include "common/consul/model.h"

namespace longshore::agent {

struct Step {
  enum class Kind { register_service, deregister, maintain, release };
  Kind kind = Kind::register_service;
  std::string id;
  std::string reason;           // for logs and /v1/status
  bool replace_checks = false;  // checks that are registered now must not stay beside the new ones
  // deregister: the entry only looks like ours. It goes when it has done so for the probation's time and when no other
  // agent that is alive owns it.
  bool probation = false;
  std::string maintenance = {};  // register_service: the catalog must be told of it too
  bool operator==(const Step&) const = default;
};

// May the entry be removed? By what is known of the container that its Meta (or classic ID) names.
enum class Fate {
  gone,       // Docker said that it does not run
  running,    // it runs: what it does not ask for any more may go
  undecided,  // not known yet, or kept on purpose: hands off
};

// What the caller knows of one ID. `fate` matters only without `desired`, `withhold` only with it.
struct IdState {
  const consul::Registration* desired = nullptr;
  const consul::Service* actual = nullptr;
  Fate fate = Fate::undecided;
  const Withhold* withhold = nullptr;
  const std::string* maintenance = nullptr;  // the reason, when it is in maintenance
};

// Nothing when there is nothing to do. An entry that is neither desired nor ours is never touched; a classic one only
// with `cleanup`. What is withheld is not registered; what is registered and withheld goes into maintenance or out,
// and comes back from a maintenance that is ours.
std::optional<Step> decide(const std::string& id, const IdState& state, const Identity& identity, bool cleanup);

// Why the entry must be written again, or "" when it is as desired. Ignored: what the agent adds by itself (tagged
// addresses, weights), the order of tags, and tags altogether where others may override them.
std::string difference(const consul::Registration& desired, const consul::Service& actual);

// The container that an entry belongs to: the first 12 digits of its ID, "" when the entry does not say.
std::string container_of(const consul::Service& service);

// What Consul will list after a registration.
consul::Service as_registered(const consul::Registration& registration);

using DesiredServices = std::map<std::string, consul::Registration>;  // by ID
using ActualServices = std::map<std::string, consul::Service>;        // by ID

// All steps for all IDs, registrations first. `fate`: of the containers of entries that are not desired, by
// container_of(), or by the container's name for classic entries; unknown ones are undecided.
std::vector<Step> plan(const DesiredServices& desired, const ActualServices& actual,
                       const std::map<std::string, Fate>& fate, const Identity& identity, bool cleanup);

}  // namespace longshore::agent
