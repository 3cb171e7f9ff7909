#include "renderer/core/critical_hold.h"

#include <algorithm>

namespace longshore::render {
namespace {

CriticalHold::Identity identity_of(const Instance& instance) {
  return {instance.entry.node.node, instance.entry.service.id};
}

}  // namespace

bool in_use(Health health) {
  return health == Health::passing || health == Health::warning;
}

std::size_t CriticalHold::answered(const Dependency& on, const ServiceData* before, const ServiceData& fresh,
                                   base::TimePoint now) {
  if (limit_.count() <= 0) return 0;
  if (std::ranges::any_of(fresh.instances, [](const InstancePtr& one) { return in_use(one->health); })) {
    kept_.erase(on);
    return 0;
  }
  if (const auto known = kept_.find(on); known != kept_.end()) {
    std::set<Identity> still;
    for (const InstancePtr& one : fresh.instances)
      if (one->health == Health::critical && known->second.instances.contains(identity_of(*one)))
        still.insert(identity_of(*one));
    known->second.instances = std::move(still);
    return 0;
  }
  if (before == nullptr) return 0;
  std::set<Identity> used;
  for (const InstancePtr& one : before->instances)
    if (in_use(one->health)) used.insert(identity_of(*one));
  std::set<Identity> turned;
  bool by_nodes = true;
  for (const InstancePtr& one : fresh.instances) {
    if (one->health != Health::critical || !used.contains(identity_of(*one))) continue;
    turned.insert(identity_of(*one));
    by_nodes = by_nodes && one->by_node;
  }
  if (turned.empty() || (!by_nodes && turned.size() < 2)) return 0;
  // Gossip has lost all nodes: what it says of any of them is worth as little.
  if (by_nodes)
    for (const InstancePtr& one : fresh.instances)
      if (one->by_node) turned.insert(identity_of(*one));
  const std::size_t count = turned.size();
  total_ += count;
  kept_[on] = {std::move(turned), now + limit_};
  return count;
}

bool CriticalHold::kept(const Dependency& on, const Instance& instance) const {
  const auto found = kept_.find(on);
  return found != kept_.end() && found->second.instances.contains(identity_of(instance));
}

std::set<Dependency> CriticalHold::tick(base::TimePoint now) {
  std::set<Dependency> over;
  for (auto at = kept_.begin(); at != kept_.end();) {
    if (at->second.until > now) {
      ++at;
      continue;
    }
    over.insert(at->first);
    at = kept_.erase(at);
  }
  return over;
}

std::optional<base::TimePoint> CriticalHold::next_due() const {
  std::optional<base::TimePoint> due;
  for (const auto& [on, kept] : kept_)
    if (!due || kept.until < *due) due = kept.until;
  return due;
}

std::size_t CriticalHold::size() const {
  std::size_t count = 0;
  for (const auto& [on, kept] : kept_) count += kept.instances.size();
  return count;
}

}  // namespace longshore::render
