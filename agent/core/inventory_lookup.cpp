#include "agent/core/inventory.h"

namespace longshore::agent {
namespace {

using Phase = ContainerRecord::Phase;

Fate fate_of(const ContainerRecord& record) {
  switch (record.phase) {
    case Phase::unknown:
    case Phase::kept:
      return Fate::undecided;
    case Phase::running:
      return Fate::running;
    case Phase::ended:
      return Fate::gone;
  }
  return Fate::undecided;
}

}  // namespace

// Only a list of the present connection can say that a container is not there.
Fate Inventory::unknown_fate() const {
  return connected_ && listed_ ? Fate::gone : Fate::undecided;
}

Fate Inventory::fate_by_id(std::string_view id_prefix) const {
  const auto found = records_.lower_bound(std::string(id_prefix));
  if (id_prefix.empty() || found == records_.end() || !found->first.starts_with(id_prefix)) return unknown_fate();
  return fate_of(found->second);
}

Fate Inventory::fate_by_name(std::string_view name) const {
  for (const auto& [id, record] : records_) {
    // Names are learnt by inspects: any container that was not inspected may have this one.
    if (record.phase == Phase::unknown) return Fate::undecided;
    if (record.container.name == name && record.phase != Phase::ended) return fate_of(record);
  }
  return unknown_fate();
}

const docker::Container* Inventory::find_running(std::string_view id_or_name) const {
  // Shorter ones would make a name such as "db" the prefix of an ID.
  constexpr std::size_t kShortId = 12;
  if (id_or_name.size() >= kShortId) {
    const auto found = records_.lower_bound(std::string(id_or_name));
    if (found != records_.end() && found->first.starts_with(id_or_name) && found->second.phase == Phase::running)
      return &found->second.container;
  }
  for (const auto& [id, record] : records_)
    if (record.phase == Phase::running && record.container.name == id_or_name) return &record.container;
  return nullptr;
}

}  // namespace longshore::agent
