// Consul's HTTP API as values; field names follow the API, statuses stay strings as on the wire.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"

namespace longshore::consul {

using StringMap = std::map<std::string, std::string>;

// One health check as it is registered. Exactly one kind is set: http, tcp, udp, grpc, h2ping, ttl, args,
// docker_container_id, alias or os_service. Zero durations and numbers are absent.
struct CheckDefinition {
  std::string check_id;  // "" = Consul derives service:<ID>[:n]
  std::string name;
  std::string notes;
  std::string http;  // URL
  std::string method;
  std::map<std::string, std::vector<std::string>> header;
  std::string body;
  bool disable_redirects = false;
  std::string tcp;  // host:port
  bool tcp_use_tls = false;
  std::string udp;
  std::string grpc;
  bool grpc_use_tls = false;
  std::string h2ping;
  bool h2ping_use_tls = false;
  std::vector<std::string> args;
  std::string docker_container_id;
  std::string shell;
  std::string alias_node;
  std::string alias_service;
  std::string os_service;
  base::Duration ttl{};
  base::Duration interval{};
  base::Duration timeout{};
  bool tls_skip_verify = false;
  std::string tls_server_name;
  std::string status;  // initial; "" = critical
  int success_before_passing = 0;
  int failures_before_warning = 0;
  int failures_before_critical = 0;
  int output_max_size = 0;  // bytes
  base::Duration deregister_critical_after{};
  bool operator==(const CheckDefinition&) const = default;
};

struct TaggedAddress {
  std::string address;
  std::uint16_t port = 0;
  bool operator==(const TaggedAddress&) const = default;
};

struct Weights {
  int passing = 1;
  int warning = 1;
  bool operator==(const Weights&) const = default;
};

// What PUT /v1/agent/service/register is told.
struct Registration {
  std::string id;
  std::string name;
  std::vector<std::string> tags;
  std::uint16_t port = 0;
  std::string address;  // "" = the node's address
  StringMap meta;
  std::map<std::string, TaggedAddress> tagged_addresses;
  bool enable_tag_override = false;
  std::optional<Weights> weights;
  std::vector<CheckDefinition> checks;
  bool operator==(const Registration&) const = default;
};

// A service as an agent (GET /v1/agent/services) or the catalog tells it.
struct Service {
  std::string id;
  std::string name;  // "Service" on the wire
  std::vector<std::string> tags;
  std::uint16_t port = 0;
  std::string address;
  StringMap meta;
  std::map<std::string, TaggedAddress> tagged_addresses;
  bool enable_tag_override = false;
  Weights weights;
  // The JSON had null or nothing: no map, which templates tell from an empty one. For the catalog's answers.
  bool null_meta = false;
  bool null_tagged_addresses = false;
  bool operator==(const Service&) const = default;
};

struct HealthCheck {
  std::string node;
  std::string check_id;
  std::string name;
  std::string status;  // passing warning critical
  std::string notes;
  std::string output;
  std::string service_id;
  std::string service_name;
  std::vector<std::string> service_tags;
  std::string type;
  // The other members of the catalog's record as one JSON object: Definition, ExposedPort, indexes, ... "" = none.
  // Only decode_health_service fills it; only templates look inside.
  std::string further = {};
  bool operator==(const HealthCheck&) const = default;
};

struct Node {
  std::string id;
  std::string node;
  std::string address;
  std::string datacenter;
  StringMap tagged_addresses;
  StringMap meta;
  bool null_tagged_addresses = false;  // see Service
  bool null_meta = false;
  bool operator==(const Node&) const = default;
};

// One instance of GET /v1/health/service/<name>.
struct ServiceEntry {
  Node node;
  Service service;
  std::vector<HealthCheck> checks;
  bool operator==(const ServiceEntry&) const = default;
};

// GET /v1/catalog/node/<name>; nothing when the node is unknown.
struct NodeServices {
  Node node;
  std::map<std::string, Service> services;  // by ID
  bool operator==(const NodeServices&) const = default;
};

// GET /v1/catalog/services: name -> tags.
using ServiceNames = std::map<std::string, std::vector<std::string>>;

struct KvPair {
  std::string key;
  std::string value;  // decoded
  std::uint64_t flags = 0;
  std::uint64_t create_index = 0;
  std::uint64_t modify_index = 0;
  std::uint64_t lock_index = 0;
  std::string session;
  bool operator==(const KvPair&) const = default;
};

struct SessionRequest {
  std::string name;
  std::string node;  // "" = the agent's
  base::Duration ttl{};
  std::optional<base::Duration> lock_delay;             // absent: Consul's 15 s
  std::string behavior = "release";                     // or "delete"
  std::optional<std::vector<std::string>> node_checks;  // absent: serfHealth
  bool operator==(const SessionRequest&) const = default;
};

struct Session {
  std::string id;
  std::string name;
  std::string node;
  base::Duration ttl{};
  std::string behavior;
  bool operator==(const Session&) const = default;
};

// The agent behind the address (GET /v1/agent/self).
struct AgentSelf {
  std::string node_name;
  std::string node_id;
  std::string datacenter;
  std::string version;
  std::string advertise_address;
  bool operator==(const AgentSelf&) const = default;
};

// How a read is asked.
struct QueryOptions {
  std::uint64_t index = 0;  // 0 = not blocking
  base::Duration wait{};    // 0 = the server's default; at most 10 min
  std::string datacenter;
  std::string near;
  std::string filter;
  std::string ns;
  std::string partition;
  std::string peer;
  bool stale = false;
  bool consistent = false;
  bool operator==(const QueryOptions&) const = default;
};

// A read that a quorum confirms: a server that was killed shows states of its past for a moment while it starts.
inline QueryOptions confirmed() {
  QueryOptions options;
  options.consistent = true;
  return options;
}

// What the headers of an answer said.
struct AnswerMeta {
  std::uint64_t index = 0;  // 0 = header absent
  std::chrono::milliseconds last_contact{};
  bool known_leader = true;
  bool operator==(const AnswerMeta&) const = default;
};

template <class T>
struct Answer {
  T value{};
  AnswerMeta meta;
};

}  // namespace longshore::consul
