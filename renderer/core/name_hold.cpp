#include "renderer/core/name_hold.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace longshore::render {
namespace {

// Does the data of that service, as asked in the same place as this catalog, have instances?
bool has_instances(const Snapshot& snapshot, const Dependency& catalog, const std::string& name) {
  Dependency first;
  first.kind = Dependency::Kind::service;
  first.name = name;
  for (auto at = snapshot.entries().lower_bound(first); at != snapshot.entries().end(); ++at) {
    const Dependency& on = at->first;
    if (on.kind != first.kind || on.name != name) return false;
    if (on.datacenter != catalog.datacenter || on.ns != catalog.ns || on.partition != catalog.partition) continue;
    const auto* data = std::get_if<std::shared_ptr<const ServiceData>>(&at->second.data);
    if (data != nullptr && !(*data)->instances.empty()) return true;
  }
  return false;
}

}  // namespace

void NameHold::answered(const Dependency& on, const CatalogData* before, CatalogData& answer, const Snapshot& snapshot,
                        base::TimePoint now) {
  if (before == nullptr || limit_.count() <= 0) return;
  auto& held = held_[on];
  for (const CatalogEntry& old : before->services) {
    const auto place = std::ranges::lower_bound(answer.services, old.name, {}, &CatalogEntry::name);
    if (place != answer.services.end() && place->name == old.name) {
      held.erase(old.name);
      continue;
    }
    if (!has_instances(snapshot, on, old.name)) {
      held.erase(old.name);
      continue;
    }
    held.try_emplace(old.name, now + limit_);
    answer.services.insert(place, old);
  }
  if (held.empty()) held_.erase(on);
}

std::vector<std::pair<Dependency, CatalogData>> NameHold::release(const Snapshot& snapshot, base::TimePoint now) {
  std::vector<std::pair<Dependency, CatalogData>> out;
  for (auto at = held_.begin(); at != held_.end();) {
    const Dependency& on = at->first;
    std::set<std::string> gone;
    for (const auto& [name, until] : at->second)
      if (until <= now || !has_instances(snapshot, on, name)) gone.insert(name);
    for (const std::string& name : gone) at->second.erase(name);
    const auto data = snapshot.get<CatalogData>(on);
    if (!gone.empty() && data) {
      CatalogData kept = *data;
      std::erase_if(kept.services, [&](const CatalogEntry& entry) { return gone.contains(entry.name); });
      out.emplace_back(on, std::move(kept));
    }
    at = at->second.empty() ? held_.erase(at) : std::next(at);
  }
  return out;
}

void NameHold::prolong(const std::string& service, base::TimePoint now) {
  for (auto& [on, names] : held_)
    if (const auto held = names.find(service); held != names.end()) held->second = now + limit_;
}

std::optional<base::TimePoint> NameHold::next_due() const {
  std::optional<base::TimePoint> due;
  for (const auto& [on, names] : held_)
    for (const auto& [name, until] : names)
      if (!due || until < *due) due = until;
  return due;
}

}  // namespace longshore::render
