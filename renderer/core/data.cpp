#include "renderer/core/data.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "renderer/probe/spec.h"

namespace longshore::render {
namespace {

using InstanceKey = std::pair<std::string_view, std::string_view>;

template <class Entry>
InstanceKey key_of(const Entry& entry) {
  return {entry.node.node, entry.service.id};
}

template <class T>
std::shared_ptr<const T> share(T value) {
  return std::make_shared<const T>(std::move(value));
}

CatalogData make_catalog(consul::ServiceNames names) {
  CatalogData out;
  out.services.reserve(names.size());
  for (auto& [name, tags] : names) {
    std::ranges::sort(tags);
    out.services.push_back({name, std::move(tags)});
  }
  return out;
}

NodesData make_nodes(const Dependency& on, std::vector<consul::Node> nodes) {
  if (on.near.empty())
    std::ranges::stable_sort(nodes, {}, [](const consul::Node& node) { return std::tie(node.node, node.address); });
  return {std::move(nodes)};
}

NodeData make_node(std::optional<consul::NodeServices> answer) {
  NodeData out;
  if (!answer) return out;
  out.node = std::move(answer->node);
  for (auto& [id, service] : answer->services) {
    std::ranges::sort(service.tags);
    out.services.push_back(std::move(service));
  }
  std::ranges::stable_sort(out.services, {},
                           [](const consul::Service& service) { return std::tie(service.name, service.id); });
  return out;
}

KeyData make_key(std::optional<consul::KvPair> answer, const Data* before) {
  KeyData out;
  out.last = answer;
  if (!answer && before != nullptr)
    if (const auto* old = std::get_if<std::shared_ptr<const KeyData>>(before)) out.last = (*old)->last;
  out.current = std::move(answer);
  return out;
}

TreeData make_tree(const Dependency& on, std::vector<consul::KvPair> answer) {
  TreeData out;
  out.pairs.reserve(answer.size());
  for (consul::KvPair& pair : answer) {
    std::size_t from = pair.key.starts_with(on.name) ? on.name.size() : 0;
    while (from < pair.key.size() && pair.key[from] == '/') ++from;
    out.pairs.push_back({std::move(pair), from});
  }
  return out;
}

}  // namespace

Health worst_health(const std::vector<consul::HealthCheck>& checks) {
  Health worst = Health::passing;
  for (const consul::HealthCheck& check : checks) {
    if (check.check_id == "_node_maintenance" || check.check_id.starts_with("_service_maintenance:"))
      worst = Health::maintenance;
    else if (check.status == "critical")
      worst = std::max(worst, Health::critical);
    else if (check.status == "warning")
      worst = std::max(worst, Health::warning);
    else if (check.status != "passing")
      return Health::unknown;
  }
  return worst;
}

bool critical_by_node(const std::vector<consul::HealthCheck>& checks) {
  bool lost = false;
  for (const consul::HealthCheck& check : checks) {
    if (check.check_id == "serfHealth")
      lost = check.status == "critical";
    else if (check.status == "critical")
      return false;
  }
  return lost;
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::passing:
      return "passing";
    case Health::warning:
      return "warning";
    case Health::critical:
      return "critical";
    case Health::maintenance:
      return "maintenance";
    case Health::unknown:
      break;
  }
  return "";
}

std::shared_ptr<const consul::Node> SharedNodes::share(consul::Node node) {
  if (nodes_.size() >= sweep_at_) {
    std::erase_if(nodes_, [](const auto& entry) { return entry.second.use_count() == 1; });
    sweep_at_ = std::max<std::size_t>(64, nodes_.size() * 2);
  }
  std::shared_ptr<const consul::Node>& known = nodes_[node.node];
  if (!known || *known != node) known = std::make_shared<const consul::Node>(std::move(node));
  return known;
}

ServiceData make_service_data(const Dependency& on, std::vector<consul::ServiceEntry> answer, std::uint64_t index,
                              const ServiceData* before, SharedNodes* nodes) {
  std::map<InstanceKey, const InstancePtr*> known;
  if (before != nullptr)
    for (const InstancePtr& instance : before->instances) known.emplace(key_of(instance->entry), &instance);
  ServiceData out;
  out.instances.reserve(answer.size());
  for (consul::ServiceEntry& entry : answer) {
    std::ranges::sort(entry.service.tags);
    const Health health = worst_health(entry.checks);
    const bool by_node = health == Health::critical && critical_by_node(entry.checks);
    std::string url;
    for (const consul::HealthCheck& check : entry.checks)
      if (url.empty()) url = url_of_output(check.output);
    if (!on.checks) entry.checks = {};
    auto node = nodes != nullptr ? nodes->share(std::move(entry.node)) : share(std::move(entry.node));
    Instance fresh{.entry = {std::move(node), std::move(entry.service), std::move(entry.checks)}, .health = health};
    fresh.by_node = by_node;
    const auto old = known.find(key_of(fresh.entry));
    // The output of a failing check does not tell its URL.
    fresh.check_url = url.empty() && old != known.end() ? (**old->second).check_url : std::move(url);
    fresh.since_index = old == known.end() ? index : (**old->second).since_index;
    if (old != known.end() && **old->second == fresh)
      out.instances.push_back(*old->second);
    else
      out.instances.push_back(share(std::move(fresh)));
  }
  if (on.near.empty())
    std::ranges::stable_sort(out.instances, {}, [](const InstancePtr& instance) { return key_of(instance->entry); });
  return out;
}

Data make_data(const Dependency& on, RawAnswer answer, const Data* before) {
  switch (on.kind) {
    case Dependency::Kind::service:
    case Dependency::Kind::connect:
      return share(make_service_data(on, std::move(std::get<0>(answer)), 0, nullptr));
    case Dependency::Kind::services:
      return share(make_catalog(std::move(std::get<1>(answer))));
    case Dependency::Kind::nodes:
      return share(make_nodes(on, std::move(std::get<2>(answer))));
    case Dependency::Kind::node:
      return share(make_node(std::move(std::get<3>(answer))));
    case Dependency::Kind::key:
      return share(make_key(std::move(std::get<4>(answer)), before));
    case Dependency::Kind::tree:
      return share(make_tree(on, std::move(std::get<5>(answer))));
    case Dependency::Kind::file:
    case Dependency::Kind::plugin:
    case Dependency::Kind::nginx:
      return share(std::move(std::get<LocalData>(answer)));
    case Dependency::Kind::interfaces:
      return share(std::move(std::get<Interfaces>(answer)));
    case Dependency::Kind::certificates:
      return share(std::move(std::get<CertificateFolder>(answer)));
    case Dependency::Kind::datacenters:
      break;
    default:
      return share(std::move(std::get<JsonData>(answer)));
  }
  std::vector<std::string> names = std::move(std::get<6>(answer));
  std::ranges::sort(names);
  return share(DatacentersData{std::move(names)});
}

bool same_instances(const ServiceData& left, const ServiceData& right) {
  return std::ranges::equal(left.instances, right.instances,
                            [](const InstancePtr& a, const InstancePtr& b) { return a == b || *a == *b; });
}

bool same_data(const Data& left, const Data& right) {
  if (left.index() != right.index()) return false;
  return std::visit(
      [&](const auto& ours) {
        const auto& theirs = std::get<std::decay_t<decltype(ours)>>(right);
        if constexpr (std::is_same_v<std::decay_t<decltype(*ours)>, ServiceData>)
          return same_instances(*ours, *theirs);
        else
          return *ours == *theirs;
      },
      left);
}

}  // namespace longshore::render
