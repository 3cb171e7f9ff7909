// Consul's answers in the form in which templates see them: sorted, with the derived fields, immutable and shared.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/consul/model.h"
#include "common/tmpl/sockaddr/interfaces.h"
#include "renderer/core/certificates.h"
#include "renderer/core/consul_json.h"
#include "renderer/core/dependency.h"
#include "renderer/core/query.h"

namespace longshore::render {

// A record of an instance. All instances on a node share the node's record: it is the larger half.
struct InstanceEntry {
  std::shared_ptr<const consul::Node> shared_node;  // never null
  consul::Service service;                          // tags sorted
  std::vector<consul::HealthCheck> checks;          // only with Dependency::checks
  const consul::Node& node = *shared_node;

  bool operator==(const InstanceEntry& other) const {
    return (shared_node == other.shared_node || node == other.node) && service == other.service &&
           checks == other.checks;
  }
};

// One instance of a service. Its identity is node and service ID.
struct Instance {
  InstanceEntry entry;
  Health health = Health::passing;
  // The answer's index when this instance was first seen: a withdrawal note older than that is about a predecessor.
  std::uint64_t since_index = 0;
  bool by_node = false;        // critical, and only because gossip has lost its node
  std::string check_url = {};  // of Consul's HTTP check, as far as its output tells it
  bool operator==(const Instance&) const = default;
};
using InstancePtr = std::shared_ptr<const Instance>;

struct ServiceData {
  std::vector<InstancePtr> instances;  // by node, then ID; with `near` in the server's order
  // Not what templates see: the answer that this is, for the word to others (seen.h).
  std::uint64_t index = 0;     // Consul's; with vanished instances that are held that of the answer before
  std::uint64_t set_hash = 0;  // drain::SetHash
};

struct CatalogEntry {
  std::string name;
  std::vector<std::string> tags;  // sorted
  bool operator==(const CatalogEntry&) const = default;
};
struct CatalogData {
  std::vector<CatalogEntry> services;  // by name
  bool operator==(const CatalogData&) const = default;
};

struct NodesData {
  std::vector<consul::Node> nodes;  // by name, then address; with `near` in the server's order
  bool operator==(const NodesData&) const = default;
};

struct NodeData {
  std::optional<consul::Node> node;       // nothing: no such node
  std::vector<consul::Service> services;  // by name, then ID; tags sorted
  bool operator==(const NodeData&) const = default;
};

struct KeyData {
  std::optional<consul::KvPair> current;
  std::optional<consul::KvPair> last;  // what `key` goes on showing after the key was deleted

  // What templates can see of a key: locks, flags and rewritten equal values are not news.
  bool operator==(const KeyData& other) const {
    const auto same = [](const std::optional<consul::KvPair>& left, const std::optional<consul::KvPair>& right) {
      return left.has_value() == right.has_value() && (!left || left->value == right->value);
    };
    return same(current, other.current) && same(last, other.last);
  }
};

struct KeyPair {
  consul::KvPair pair;
  std::size_t key_from = 0;  // where the part below the prefix starts
  bool operator==(const KeyPair&) const = default;
};
struct TreeData {
  std::vector<KeyPair> pairs;  // in the server's (lexical) order
  bool operator==(const TreeData&) const = default;
};

struct DatacentersData {
  std::vector<std::string> names;  // sorted
  bool operator==(const DatacentersData&) const = default;
};

// A file, or what a program said.
struct LocalData {
  std::string text;
  std::string problem;  // not empty: there is no text, and why
  bool operator==(const LocalData&) const = default;
};

using Interfaces = tmpl::sockaddr::Interfaces;

using Data =
    std::variant<std::shared_ptr<const ServiceData>, std::shared_ptr<const CatalogData>,
                 std::shared_ptr<const NodesData>, std::shared_ptr<const NodeData>, std::shared_ptr<const KeyData>,
                 std::shared_ptr<const TreeData>, std::shared_ptr<const DatacentersData>,
                 std::shared_ptr<const JsonData>, std::shared_ptr<const LocalData>, std::shared_ptr<const Interfaces>,
                 std::shared_ptr<const CertificateFolder>>;

// An answer as the client decodes it; which alternative follows from the dependency's kind.
using RawAnswer =
    std::variant<std::vector<consul::ServiceEntry>, consul::ServiceNames, std::vector<consul::Node>,
                 std::optional<consul::NodeServices>, std::optional<consul::KvPair>, std::vector<consul::KvPair>,
                 std::vector<std::string>, JsonData, LocalData, Interfaces, CertificateFolder>;

// The worst of the checks: maintenance > critical > warning > passing; none is passing; a foreign status is unknown.
Health worst_health(const std::vector<consul::HealthCheck>& checks);
// Nothing but the node's gossip check is critical.
bool critical_by_node(const std::vector<consul::HealthCheck>& checks);
std::string_view to_string(Health health);  // "" for unknown, as the original

// The nodes in use, one object for equal ones.
class SharedNodes {
 public:
  std::shared_ptr<const consul::Node> share(consul::Node node);
  std::size_t size() const { return nodes_.size(); }

 private:
  std::map<std::string, std::shared_ptr<const consul::Node>> nodes_;  // by name
  std::size_t sweep_at_ = 64;
};

// Sorts and derives. Instances that are as before keep their object (memory) and all keep their since_index. Checks
// are dropped once their health is known, unless on.checks. nodes: nullptr = nothing to share with.
ServiceData make_service_data(const Dependency& on, std::vector<consul::ServiceEntry> answer, std::uint64_t index,
                              const ServiceData* before, SharedNodes* nodes = nullptr);
// Every other kind. `before` may be null.
Data make_data(const Dependency& on, RawAnswer answer, const Data* before);

// Would a template see the same?
bool same_data(const Data& left, const Data& right);
bool same_instances(const ServiceData& left, const ServiceData& right);

}  // namespace longshore::render
