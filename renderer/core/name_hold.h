// Service names that vanished from the catalog while the service's own answer still has instances, live or held.
// Templates that range over `services` would otherwise drop a whole service, and with it the watch and the hold of its
// instances, before anything is known about them. A name stays until its service's data is empty, `limit` at most.
//
// A name whose service nobody watches goes at once: there is nothing that could say more about it. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "renderer/core/snapshot.h"

namespace longshore::render {

class NameHold {
 public:
  explicit NameHold(base::Duration limit) : limit_(limit) {}  // 0 = no name is held

  // For names that vanish from now on.
  void configure(base::Duration limit) { limit_ = limit; }
  // Puts held names into a new answer of the catalog.
  void answered(const Dependency& on, const CatalogData* before, CatalogData& answer, const Snapshot& snapshot,
                base::TimePoint now);
  // The catalogs that lose names now, as they are from now on.
  std::vector<std::pair<Dependency, CatalogData>> release(const Snapshot& snapshot, base::TimePoint now);
  // Names of services whose instances are kept on purpose stay for another `limit`.
  void prolong(const std::string& service, base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;
  void forget(const Dependency& on) { held_.erase(on); }
  bool empty() const { return held_.empty(); }

 private:
  base::Duration limit_;
  std::map<Dependency, std::map<std::string, base::TimePoint>> held_;  // catalog -> name -> until
};

}  // namespace longshore::render
