// Nodes, services and checks with Consul's indexes: what state store and catalog are in Consul. Pure.
// Index rules (source: agent/consul/state/catalog.go of Consul 1.8): one index per table, one per service name, one for
// the last service that went; a record that is written unchanged moves none of them.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/consul/model.h"
#include "common/registry/changes.h"

namespace longshore::registry {

template <class T>
struct Indexed {
  T value;
  std::uint64_t created = 0;
  std::uint64_t modified = 0;
  bool operator==(const Indexed&) const = default;
};

using NodeRecord = Indexed<consul::Node>;
using ServiceRecord = Indexed<consul::Service>;
using CheckRecord = Indexed<consul::HealthCheck>;
// Services and checks belong to a node: (node, id).
using OnNode = std::pair<std::string, std::string>;

class Catalog {
 public:
  // Writers take the index of the operation they are part of; nothing happens when nothing would change. `changes`
  // collects topics and rows. They answer whether they changed something.
  bool put_node(const consul::Node& node, std::uint64_t index, Changes& changes);
  bool put_service(const std::string& node, const consul::Service& service, std::uint64_t index, Changes& changes);
  // The node must exist. ServiceName and ServiceTags are filled from the service.
  bool put_check(const consul::HealthCheck& check, std::uint64_t index, Changes& changes);
  bool remove_check(const OnNode& id, std::uint64_t index, Changes& changes);
  // With its checks.
  bool remove_service(const OnNode& id, std::uint64_t index, Changes& changes);
  // With its services and checks.
  bool remove_node(const std::string& node, std::uint64_t index, Changes& changes);

  // Records that were written down, put back without a change; finish with start_at().
  void restore(NodeRecord node);
  void restore(const std::string& node, ServiceRecord service);
  void restore(CheckRecord check);
  // Every index at least this: what was deleted before is not known any more, so every watcher reads once.
  void start_at(std::uint64_t index);

  const std::map<std::string, NodeRecord>& nodes() const { return nodes_; }
  const std::map<OnNode, ServiceRecord>& services() const { return services_; }
  const std::map<OnNode, CheckRecord>& checks() const { return checks_; }
  const ServiceRecord* service(const OnNode& id) const;
  const CheckRecord* check(const OnNode& id) const;
  // (node, id) of every instance of the name, in order.
  std::vector<OnNode> instances(const std::string& name) const;
  // IDs of the checks of one service; with "" as its id, of the node itself.
  std::vector<std::string> check_ids(const OnNode& service) const;
  // The node's own checks, then the service's.
  std::vector<const CheckRecord*> checks_for(const OnNode& service) const;

  std::uint64_t nodes_index() const { return nodes_index_; }
  std::uint64_t services_index() const { return services_index_; }
  std::uint64_t checks_index() const { return checks_index_; }
  // with_checks: the fallback for a name that never was counts the checks table too.
  std::uint64_t service_index(const std::string& name, bool with_checks) const;

 private:
  void touch_service(const std::string& name, std::uint64_t index, Changes& changes, bool record);
  void touch_services_of_node(const std::string& node, std::uint64_t index, Changes& changes, bool record);
  void forget_check(const consul::HealthCheck& check);
  void touch_check(const consul::HealthCheck& check, std::uint64_t index, Changes& changes);
  void forget_instance(const std::string& name, const OnNode& id, std::uint64_t index, Changes& changes);

  std::map<std::string, NodeRecord> nodes_;
  std::map<OnNode, ServiceRecord> services_;
  std::map<OnNode, CheckRecord> checks_;
  std::map<std::string, std::set<OnNode>> by_name_;
  std::map<OnNode, std::set<std::string>> checks_of_;  // (node, service id) -> check ids
  std::map<std::string, std::uint64_t> service_indexes_;
  std::uint64_t nodes_index_ = 0;
  std::uint64_t services_index_ = 0;
  std::uint64_t checks_index_ = 0;
  std::uint64_t extinction_index_ = 0;
};

}  // namespace longshore::registry
