#include "renderer/core/seen.h"

#include <algorithm>
#include <tuple>

#include "common/base/text.h"
#include "common/drain/word.h"
#include "renderer/core/colors.h"
#include "renderer/core/known_in_order.h"
#include "renderer/core/query.h"

namespace longshore::render {
namespace {

constexpr std::string_view kColorKey = "/color";

// By a key of its own: what `key` shows of it.
void see_color_key(Seen& out, const Dependency& on, const Snapshot& snapshot, const std::string& prefix) {
  const std::string_view name = on.name;
  if (name.size() <= prefix.size() + kColorKey.size() || !name.starts_with(prefix) || !name.ends_with(kColorKey))
    return;
  const auto data = snapshot.get<KeyData>(on);
  if (data == nullptr) return;
  const auto& pair = data->current ? data->current : data->last;
  out.colors.push_back({std::string(name.substr(prefix.size(), name.size() - prefix.size() - kColorKey.size())),
                        pair ? std::string(base::trim(pair->value)) : std::string()});
}

// By the folder of all colours: of the services that are seen.
void see_color_tree(Seen& out, const Dependency& on, const Snapshot& snapshot) {
  const auto tree = snapshot.get<TreeData>(on);
  if (tree == nullptr || tree->pairs.empty()) return;
  const ColorTable table(*tree);
  for (const Seen::Service& service : out.services) {
    std::string family = table.family(service.name);
    if (const Colors* colors = table.of(family)) out.colors.push_back({std::move(family), colors->active});
  }
}

}  // namespace

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

SeenPtr seen_services(const Dependencies& used, const Snapshot& snapshot, const std::string& colors_prefix) {
  auto out = std::make_shared<Seen>();
  out->services.reserve(used.size());
  KnownInOrder all(snapshot);
  for (const Dependency& on : used) {
    if (on.kind != Dependency::Kind::service || !on.peer.empty()) continue;
    const Known* known = all.find(on);
    const auto* data = known == nullptr ? nullptr : std::get_if<std::shared_ptr<const ServiceData>>(&known->data);
    if (data == nullptr || *data == nullptr) continue;
    out->services.push_back({on.datacenter.empty() ? on.name : on.name + "@" + on.datacenter.str(), *data});
  }
  const Result<Dependency> colors = parse_prefix(colors_prefix);
  for (const Dependency& on : used) {
    if (on.kind == Dependency::Kind::key && on.datacenter.empty()) see_color_key(*out, on, snapshot, colors_prefix);
    if (colors && on == *colors) see_color_tree(*out, on, snapshot);
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
