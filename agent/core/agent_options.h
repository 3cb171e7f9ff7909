// What the user asked of the agent: validated, complete, without defaults left to fill in. Names follow
// Registrator's options; what they mean there is in its README, what differs here in agent/README.md.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/tmpl/registrator/tags.h"

namespace longshore::agent {

// What a die event does. on_success: exit code 0 or 128 to 255 deregisters, 1 to 127 keeps the entry.
enum class DeregisterWhen { always, on_success };

// How a service that must not get traffic leaves: in maintenance, still listed, or out of the list.
enum class LeaveBy { maintain, deregister };

// What the agent's own stop does to its services.
enum class OnExit { keep, maintain, deregister };

// Which SERVICE_* values become Meta: all but checks and secrets, or all.
enum class MetaChoice { safe, all };

// Where a service's name is from when no SERVICE_NAME is given.
enum class NameSource { image, compose, swarm, container };

struct LabelRequirement {
  std::string name;
  std::optional<std::string> value;  // absent: any
  bool operator==(const LabelRequirement&) const = default;
};

struct AgentOptions {
  bool compatible = false;  // started as `registrator`: its quirks that users may rely on stay
  std::string ip;           // -ip: "" = find out
  bool internal = false;
  bool explicit_names = false;                                         // -explicit
  std::string ip_label;                                                // -useIpFromLabel
  std::vector<std::string> tags;                                       // -tags, taken apart; empty with tag_template
  std::shared_ptr<const tmpl::registrator::TagTemplate> tag_template;  // -tags with {{
  std::string kv_owner;     // not empty: services are keys (consulkv), marked with this, see kv_entry.h
  base::Duration resync{};  // -resync: 0 = reconcile_interval
  bool cleanup = false;
  DeregisterWhen deregister = DeregisterWhen::always;

  std::optional<LabelRequirement> require_label;  // containers without it are none of ours
  std::string env;                                // environment; part of Meta and of KV keys
  MetaChoice meta = MetaChoice::safe;
  std::string hostname;                   // -hostname: first part of service IDs; "" = the system's
  std::vector<std::string> address_from;  // -address-from: sources of the host address; empty = the usual ones
  std::vector<std::string> networks;      // -network: whose address is the container's own, best first
  bool prefer_ipv6 = false;               // the IPv6 address where there are both
  bool explicit_ports = false;            // -explicit-ports: only ports that are named one by one
  std::vector<NameSource> name_from;      // -name-from: empty = image
  bool allow_loopback = false;            // register 127.0.0.0/8 and ::1
  bool allow_exec_checks = false;         // checks that run commands on the host
  LeaveBy on_stop = LeaveBy::maintain;    // -on-stop: between a container's stop signal and its end
  OnExit on_exit = OnExit::keep;          // -on-exit
  bool docker_health = true;              // -docker-health: HEALTHCHECK becomes a check; never under the other name
  base::Duration lease{};                 // -lease: 0 = none; else at least 1 s
  base::Duration reap_after{};            // -reap-after: 0 = never; else at least 10 s
  int reap_limit = 50;                    // -reap-limit: percent of failed nodes above which none is removed
  base::Duration probation = std::chrono::minutes(1);            // before entries that only look like ours are removed
  base::Duration reconcile_interval = std::chrono::seconds(30);  // > 0
  base::Duration watch_interval = std::chrono::seconds(2);       // > 0; one cheap look at Consul
  bool operator==(const AgentOptions&) const = default;

  base::Duration reconcile_every() const { return resync.count() > 0 ? resync : reconcile_interval; }
};

}  // namespace longshore::agent
