// What the agent tells the outside about itself: for /v1/status, /readyz and /metrics. Values only, no environment.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/drains.h"
#include "agent/core/feeder.h"
#include "agent/core/inventory.h"
#include "agent/core/owner_lock.h"
#include "agent/core/reaper.h"
#include "agent/core/registrar.h"

namespace longshore::agent {

// One decision about one port, or about a whole container (port "").
struct PortStatus {
  std::string port;   // "8080/tcp"
  std::string state;  // registered, withheld, pending, failing, taken, skipped
  std::string id;     // service ID, "" when skipped
  std::string service;
  std::string address;  // "10.0.0.1:8080"
  std::string reason;   // why skipped, what is still to be done, the last error, or where the address is from
  bool operator==(const PortStatus&) const = default;
};

struct ContainerStatus {
  std::string id;  // 12 digits
  std::string name;
  std::string state;  // running, unknown, ended, kept
  std::string error;  // of the last inspect
  std::vector<PortStatus> ports;
  std::vector<std::string> notes;
  bool operator==(const ContainerStatus&) const = default;
};

// A node that Consul takes for failed.
struct FailedNodeStatus {
  std::string node;
  base::Duration failed_for{};
  std::string verdict;  // why it is still there
  bool operator==(const FailedNodeStatus&) const = default;
};

struct ReaperStatus {
  std::string state;   // off, standby, leading, waiting (no session)
  std::string holder;  // standby: who leads
  std::string problem;
  std::size_t nodes = 0;  // leading: of the cluster
  std::vector<FailedNodeStatus> failed;
  ReaperCounts counts;
};

struct AgentStatus {
  bool ready = false;
  std::string why;  // one line, also when ready
  std::string node;
  std::string owner;
  std::string host_address;
  std::string address_reason;
  std::string engine;
  bool docker_connected = false;
  std::string docker_error;
  bool consul_connected = false;
  std::string consul_error;
  std::vector<ContainerStatus> containers;
  std::size_t registered = 0;  // wanted and listed
  std::size_t failing = 0;     // operations whose last try failed
  std::size_t in_flight = 0;
  std::size_t rejected = 0;  // ports that somebody wanted and could not get
  InventoryCounts docker;
  RegistrarCounts consul;
  std::uint64_t consul_reads = 0;
  std::uint64_t consul_read_failures = 0;
  std::string lock;         // held, taken, unavailable, unknown
  std::string lock_holder;  // taken: by whom
  std::uint64_t session_renewals = 0;
  std::vector<DrainRecord> drains;
  std::string drains_error;
  ReaperStatus reaper;
  std::uint64_t node_losses = 0;  // times that Consul's catalog lost this node
  std::size_t withheld = 0;       // services that get no traffic although their container runs
  std::size_t fed_checks = 0;     // TTL checks with heartbeats
  std::uint64_t heartbeats = 0;
  std::uint64_t heartbeat_failures = 0;
};

}  // namespace longshore::agent
