// What one operation on the store did, for those outside: whom to wake and what to write down.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/base/log_line.h"

namespace longshore::registry {

// What a blocking query can wait for. `key` by kind: service name, node name, KV key or prefix, else "".
struct Topic {
  enum class Kind {
    services,        // any service record
    nodes,           // any node record
    checks,          // any check
    sessions,        // any session
    events,          // any event
    service,         // the records of one service and of its nodes
    health,          // as `service`, and the checks that count for it
    service_checks,  // the checks of one service
    node_services,   // one node and its services
    node_checks,     // one node's checks
    kv,              // one key; a change of it also wakes every kv_prefix that is a prefix of it
    kv_prefix,
  };
  Kind kind = Kind::services;
  std::string key;
  auto operator<=>(const Topic&) const = default;
};

// One durable record; no value = erased.
struct Row {
  std::string kind;  // node service check kv session meta
  std::string key;
  std::optional<std::string> value;  // JSON
  bool operator==(const Row&) const = default;
};

struct Changes {
  std::vector<Topic> topics;
  std::vector<Row> rows;
  std::vector<base::LogLine> lines;  // what the registry decided by itself; never the output of a check
  bool checks_to_run = false;        // definitions came, went or changed
  bool empty() const { return topics.empty() && rows.empty() && !checks_to_run; }
};

}  // namespace longshore::registry
