#include "tests/unit/renderer/model_consul.h"

namespace longshore::render::test {

using Kind = Ask::Kind;

void ModelConsul::put(const std::string& service, const std::string& node, const std::string& content) {
  const std::uint64_t at = ++index_;
  if (!nodes_.contains(node)) nodes_[node], node_index_[node] = nodes_index_ = at;
  Instance& instance = services_[service][node];
  if (instance.status.empty()) ++nodes_[node][service], instance.status = "passing";
  instance.content = content;
  instance.modified = at;
  table_ = service_index_[service] = node_touched_[node] = at;
}

void ModelConsul::remove(const std::string& service, const std::string& node) {
  const auto found = services_.find(service);
  if (found == services_.end() || found->second.erase(node) == 0) return;
  const std::uint64_t at = ++index_;
  nodes_[node].erase(service);
  checks_ = table_ = service_index_[service] = node_touched_[node] = at;
  if (found->second.empty()) {
    services_.erase(found);
    service_index_.erase(service);
    extinct_ = at;
  }
}

void ModelConsul::set_check(const std::string& service, const std::string& node, const std::string& status) {
  const auto found = services_.find(service);
  if (found == services_.end() || !found->second.contains(node)) return;
  found->second[node].status = status;
  checks_ = service_index_[service] = ++index_;
}

void ModelConsul::remove_node(const std::string& node) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  const auto services = found->second;
  for (const auto& [service, count] : services) remove(service, node);
  nodes_.erase(node);
  node_index_.erase(node);
  nodes_index_ = node_touched_[node] = ++index_;
}

void ModelConsul::put_key(const std::string& key, const std::string& value) {
  kv_ = ++index_;
  keys_[key] = {value, index_};
}

void ModelConsul::restart(bool empty) {
  if (empty) *this = ModelConsul();
  index_ = 3;
  const auto services = services_;
  const auto keys = keys_;
  *this = ModelConsul();
  index_ = table_ = checks_ = extinct_ = nodes_index_ = kv_ = 3;
  for (const auto& [service, instances] : services)
    for (const auto& [node, instance] : instances) {
      put(service, node, instance.content);
      if (instance.status != "passing") set_check(service, node, instance.status);
    }
  for (const auto& [key, value] : keys) put_key(key, value.first);
}

std::string ModelConsul::see(const Dependency& on) const {
  std::string out;
  if (on.kind == Dependency::Kind::key) {
    const auto found = keys_.find(on.name);
    return found == keys_.end() ? "absent" : found->second.first;
  }
  const auto found = services_.find(on.name);
  if (found == services_.end()) return out;
  for (const auto& [node, instance] : found->second)
    out += node + "=" + instance.content + "(" + instance.status + ") ";
  return out;
}

std::uint64_t ModelConsul::service_index(const std::string& service) const {
  const auto found = service_index_.find(service);
  return found == service_index_.end() ? extinct_ : found->second;
}

// What two answers share if they show the same: see consul::Print. Indexes, not contents, as the real one.
std::uint64_t ModelConsul::print_of(const std::string& service) const {
  std::uint64_t sum = 0;
  const auto found = services_.find(service);
  if (found == services_.end()) return 0;
  for (const auto& [node, instance] : found->second)
    sum += std::hash<std::string>()(node + "/" + std::to_string(instance.modified) + "/" + instance.status);
  return sum;
}

// X-Consul-Index of the answer.
std::uint64_t ModelConsul::index_of(const Ask& ask) const {
  switch (ask.kind) {
    case Kind::data:
      if (ask.on.kind == Dependency::Kind::service) return service_index(ask.on.name);
      if (const auto found = keys_.find(ask.on.name); found != keys_.end()) return found->second.second;
      return kv_;
    case Kind::nodes:
      return nodes_index_;
    case Kind::node_wake:
    case Kind::node_marks:
      // So that the removal of a node does not end the query that is parked on it.
      if (!nodes_.contains(ask.on.name)) return 1;
      return std::max(table_, nodes_index_);
    case Kind::any_service:
      return table_;
    case Kind::critical:
    case Kind::warning:
    case Kind::any_check:
      return checks_;
    case Kind::keys:
      return kv_;
    case Kind::probes:
    case Kind::prints:
      break;
  }
  return index_;
}

// The last change that wakes the parked query.
std::uint64_t ModelConsul::touched(const Ask& ask) const {
  if (ask.kind != Kind::node_wake) return index_of(ask);
  const auto found = node_touched_.find(ask.on.name);
  return found == node_touched_.end() ? 0 : found->second;
}

bool ModelConsul::wakes(const Ask& ask, std::uint64_t mark) const {
  return touched(ask) > mark && index_of(ask) > ask.index;
}

std::optional<ModelConsul::Answer> ModelConsul::answer(const Ask& ask, bool first) const {
  if (ask.index != 0 && first && index_of(ask) <= ask.index) return std::nullopt;
  Answer out;
  out.index = index_of(ask);
  if (ask.kind == Kind::data) out.data = see(ask.on);
  if (ask.print) {
    consul::Print print{print_of(ask.on.name), std::vector<std::uint64_t>()};
    if (const auto found = services_.find(ask.on.name); found != services_.end())
      for (const auto& [node, instance] : found->second) print.nodes->push_back(std::hash<std::string>()(node));
    out.marks = print;
  }
  if (ask.kind == Kind::prints) {
    std::vector<consul::ServicePrint> prints;
    for (const auto& [service, instances] : services_) prints.push_back({service, print_of(service)});
    out.marks = prints;
  }
  if (ask.kind == Kind::probes)
    for (const Dependency& on : ask.probes) {
      Ask one;
      one.on = on;
      out.indexes.push_back(index_of(one));
    }
  if (ask.kind == Kind::nodes) {
    std::vector<std::string> names;
    for (const auto& [name, services] : nodes_) names.push_back(name);
    out.marks = names;
  }
  if (ask.kind == Kind::node_marks) {
    consul::NodeMarks marks;
    if (const auto found = node_index_.find(ask.on.name); found != node_index_.end()) {
      marks.node_index = found->second;
      for (const auto& [service, instances] : services_)
        if (const auto instance = instances.find(ask.on.name); instance != instances.end())
          marks.services.push_back({service + "@" + ask.on.name, service, instance->second.modified});
    }
    out.marks = marks;
  }
  if (ask.kind == Kind::critical || ask.kind == Kind::warning) {
    std::vector<consul::CheckMark> marks;
    for (const auto& [service, instances] : services_)
      for (const auto& [node, instance] : instances)
        if (instance.status == (ask.kind == Kind::critical ? "critical" : "warning"))
          marks.push_back({node, "check:" + service, service});
    out.marks = marks;
  }
  return out;
}

}  // namespace longshore::render::test
