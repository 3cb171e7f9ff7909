#include "renderer/core/foreign.h"

#include "common/consul/service_env.h"

namespace longshore::render {

std::vector<ForeignInstances::Refusal> ForeignInstances::remove(const Dependency& on,
                                                                std::vector<consul::ServiceEntry>& answer) {
  std::vector<Refusal> out;
  if (!own_) return out;
  std::set<std::pair<std::string, std::string>> seen;
  const auto before = refused_.find(on);
  for (const consul::ServiceEntry& entry : answer) {
    if (consul::belongs_to(entry.service, *own_)) continue;
    const auto key = std::pair(entry.node.node, entry.service.id);
    seen.insert(key);
    if (before != refused_.end() && before->second.contains(key)) continue;
    out.push_back({entry.service.name, entry.service.id, entry.node.node, consul::environment_of(entry.service)});
  }
  total_ += out.size();
  if (seen.empty()) {
    if (before != refused_.end()) refused_.erase(before);
    return out;
  }
  refused_[on] = std::move(seen);
  consul::keep_environment(answer, *own_);
  return out;
}

void ForeignInstances::remove(std::map<std::string, consul::Service>& of_node) const {
  if (own_) std::erase_if(of_node, [&](const auto& entry) { return !consul::belongs_to(entry.second, *own_); });
}

std::size_t ForeignInstances::present() const {
  std::size_t sum = 0;
  for (const auto& [on, keys] : refused_) sum += keys.size();
  return sum;
}

}  // namespace longshore::render
