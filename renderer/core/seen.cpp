#include "renderer/core/seen.h"

#include <algorithm>
#include <tuple>

#include "common/drain/word.h"

namespace longshore::render {

void stamp(ServiceData& data, std::uint64_t index, const ServiceData* before, bool held) {
  data.index = held ? (before == nullptr ? 0 : before->index) : index;
  std::vector<const Instance*> sorted;
  sorted.reserve(data.instances.size());
  for (const InstancePtr& instance : data.instances) sorted.push_back(instance.get());
  // With `near` they come in another order.
  std::ranges::sort(sorted, {},
                    [](const Instance* one) { return std::tie(one->entry.node.node, one->entry.service.id); });
  drain::SetHash hash;
  for (const Instance* one : sorted) hash.add(one->entry.node.node, one->entry.service.id, to_string(one->health));
  data.set_hash = hash.value();
}

SeenPtr seen_services(const Dependencies& used, const Snapshot& snapshot) {
  auto out = std::make_shared<Seen>();
  for (const Dependency& on : used) {
    if (on.kind != Dependency::Kind::service || !on.peer.empty()) continue;
    auto data = snapshot.get<ServiceData>(on);
    if (data == nullptr) continue;
    out->services.push_back({on.datacenter.empty() ? on.name : on.name + "@" + on.datacenter, std::move(data)});
  }
  return out;
}

void Progress::live(std::size_t index, SeenPtr seen, std::uint64_t generation) {
  live_[index] = {std::move(seen), generation};
}

void Progress::apply() {
  ++version_;
  applied_ = live_;
}

void Progress::settle() {
  ++version_;
  settled_ = applied_;
}

void Progress::undo() {
  live_ = applied_;
}

void Progress::drop(std::size_t index) {
  ++version_;
  live_.erase(index);
  applied_.erase(index);
  settled_.erase(index);
}

}  // namespace longshore::render
