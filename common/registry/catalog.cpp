#include "common/registry/catalog.h"

#include <algorithm>
#include <optional>

#include "common/registry/rows.h"

namespace longshore::registry {
namespace {

using Kind = Topic::Kind;

// Writes `value` into `map`; false when it is there unchanged.
template <class Map, class Key, class T>
bool put(Map& map, const Key& key, const T& value, std::uint64_t index) {
  const auto found = map.find(key);
  if (found == map.end()) {
    map.emplace(key, Indexed<T>{value, index, index});
    return true;
  }
  if (found->second.value == value) return false;
  found->second.value = value;
  found->second.modified = index;
  return true;
}

}  // namespace

bool Catalog::put_node(const consul::Node& node, std::uint64_t index, Changes& changes) {
  const bool is_new = !nodes_.contains(node.node);
  if (!put(nodes_, node.node, node, index)) return false;
  nodes_index_ = index;
  changes.topics.push_back({Kind::nodes, ""});
  changes.topics.push_back({Kind::node_services, node.node});
  changes.rows.push_back(node_row(nodes_.at(node.node)));
  if (!is_new) touch_services_of_node(node.node, index, changes, true);
  return true;
}

bool Catalog::put_service(const std::string& node, const consul::Service& service, std::uint64_t index,
                          Changes& changes) {
  const OnNode id(node, service.id);
  const auto before = services_.find(id);
  if (before != services_.end() && before->second.value.name != service.name)
    forget_instance(std::string(before->second.value.name), id, index, changes);
  if (!put(services_, id, service, index)) return false;
  by_name_[service.name].insert(id);
  services_index_ = index;
  touch_service(service.name, index, changes, true);
  changes.topics.push_back({Kind::services, ""});
  changes.topics.push_back({Kind::node_services, node});
  changes.rows.push_back(service_row(node, services_.at(id)));
  return true;
}

bool Catalog::put_check(const consul::HealthCheck& check, std::uint64_t index, Changes& changes) {
  consul::HealthCheck filled = check;
  if (const ServiceRecord* owner = service({check.node, check.service_id}); owner != nullptr) {
    filled.service_name = owner->value.name;
    filled.service_tags = owner->value.tags;
  }
  const OnNode id(check.node, check.check_id);
  std::optional<consul::HealthCheck> before;
  if (const CheckRecord* old = this->check(id); old != nullptr) before = old->value;
  if (!put(checks_, id, filled, index)) return false;
  if (before) forget_check(*before);
  checks_of_[{filled.node, filled.service_id}].insert(filled.check_id);
  // A check that moved to another service, or whose service has a new name, is missed by those who watch the old one.
  const bool moved = before && (before->service_id != filled.service_id || before->service_name != filled.service_name);
  if (moved) touch_check(*before, index, changes);
  touch_check(filled, index, changes);
  changes.rows.push_back(check_row(checks_.at(id)));
  return true;
}

bool Catalog::remove_check(const OnNode& id, std::uint64_t index, Changes& changes) {
  const auto found = checks_.find(id);
  if (found == checks_.end()) return false;
  const consul::HealthCheck gone = std::move(found->second.value);
  checks_.erase(found);
  forget_check(gone);
  touch_check(gone, index, changes);
  changes.rows.push_back(erased_row("check", id));
  return true;
}

bool Catalog::remove_service(const OnNode& id, std::uint64_t index, Changes& changes) {
  const auto found = services_.find(id);
  if (found == services_.end()) return false;
  for (const std::string& check : check_ids(id)) remove_check({id.first, check}, index, changes);
  const std::string name = std::move(found->second.value.name);
  services_.erase(found);
  services_index_ = index;
  forget_instance(name, id, index, changes);
  changes.topics.push_back({Kind::services, ""});
  changes.topics.push_back({Kind::node_services, id.first});
  changes.rows.push_back(erased_row("service", id));
  return true;
}

bool Catalog::remove_node(const std::string& node, std::uint64_t index, Changes& changes) {
  if (!nodes_.contains(node)) return false;
  std::vector<OnNode> gone;
  for (const auto& [id, record] : services_)
    if (id.first == node) gone.push_back(id);
  for (const OnNode& id : gone) remove_service(id, index, changes);
  gone.clear();
  for (const auto& [id, record] : checks_)
    if (id.first == node) gone.push_back(id);
  for (const OnNode& id : gone) remove_check(id, index, changes);
  nodes_.erase(node);
  nodes_index_ = index;
  changes.topics.push_back({Kind::nodes, ""});
  changes.topics.push_back({Kind::node_services, node});
  changes.rows.push_back(erased_row("node", OnNode(node, "")));
  return true;
}

void Catalog::restore(NodeRecord node) {
  nodes_[node.value.node] = std::move(node);
}

void Catalog::restore(const std::string& node, ServiceRecord service) {
  const OnNode id(node, service.value.id);
  by_name_[service.value.name].insert(id);
  services_[id] = std::move(service);
}

void Catalog::restore(CheckRecord check) {
  checks_of_[{check.value.node, check.value.service_id}].insert(check.value.check_id);
  checks_[OnNode(check.value.node, check.value.check_id)] = std::move(check);
}

void Catalog::start_at(std::uint64_t index) {
  nodes_index_ = services_index_ = checks_index_ = extinction_index_ = index;
  for (const auto& [name, ignored] : by_name_) service_indexes_[name] = index;
}

const ServiceRecord* Catalog::service(const OnNode& id) const {
  const auto found = services_.find(id);
  return found == services_.end() ? nullptr : &found->second;
}

const CheckRecord* Catalog::check(const OnNode& id) const {
  const auto found = checks_.find(id);
  return found == checks_.end() ? nullptr : &found->second;
}

std::vector<OnNode> Catalog::instances(const std::string& name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<std::string> Catalog::check_ids(const OnNode& service) const {
  const auto found = checks_of_.find(service);
  if (found == checks_of_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<const CheckRecord*> Catalog::checks_for(const OnNode& service) const {
  std::vector<const CheckRecord*> out;
  for (const OnNode& owner : {OnNode(service.first, ""), service})
    for (const std::string& id : check_ids(owner)) out.push_back(&checks_.at({service.first, id}));
  return out;
}

std::uint64_t Catalog::service_index(const std::string& name, bool with_checks) const {
  const auto found = service_indexes_.find(name);
  if (found != service_indexes_.end()) return found->second;
  if (extinction_index_ != 0) return extinction_index_;
  return std::max({nodes_index_, services_index_, with_checks ? checks_index_ : 0});
}

// record: the service or node record itself changed, not only a check.
void Catalog::touch_service(const std::string& name, std::uint64_t index, Changes& changes, bool record) {
  service_indexes_[name] = index;
  changes.topics.push_back({Kind::health, name});
  if (record) changes.topics.push_back({Kind::service, name});
}

void Catalog::touch_services_of_node(const std::string& node, std::uint64_t index, Changes& changes, bool record) {
  for (auto it = services_.lower_bound({node, ""}); it != services_.end() && it->first.first == node; ++it)
    touch_service(it->second.value.name, index, changes, record);
}

void Catalog::forget_check(const consul::HealthCheck& check) {
  const auto found = checks_of_.find({check.node, check.service_id});
  if (found == checks_of_.end()) return;
  found->second.erase(check.check_id);
  if (found->second.empty()) checks_of_.erase(found);
}

void Catalog::touch_check(const consul::HealthCheck& check, std::uint64_t index, Changes& changes) {
  checks_index_ = index;
  changes.topics.push_back({Kind::checks, ""});
  changes.topics.push_back({Kind::node_checks, check.node});
  if (check.service_id.empty()) {
    touch_services_of_node(check.node, index, changes, false);
  } else {
    changes.topics.push_back({Kind::service_checks, check.service_name});
    const bool known = service({check.node, check.service_id}) != nullptr && by_name_.contains(check.service_name);
    if (known) touch_service(check.service_name, index, changes, false);
  }
}

// The last instance of a name takes its index with it; the extinction index tells those who still ask.
void Catalog::forget_instance(const std::string& name, const OnNode& id, std::uint64_t index, Changes& changes) {
  const auto instances = by_name_.find(name);
  if (instances == by_name_.end()) return;
  instances->second.erase(id);
  touch_service(name, index, changes, true);
  if (!instances->second.empty()) return;
  by_name_.erase(instances);
  service_indexes_.erase(name);
  extinction_index_ = index;
}

}  // namespace longshore::registry
