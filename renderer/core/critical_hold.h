// All instances of a service turn critical in one answer: a leader that comes back with an old opinion of its nodes, an
// agent that reads its configuration anew. They stay in use until probes prove them dead, at most as long as vanished
// ones are held. One after another turning critical is what checks are for, and so is a single instance whose own
// check fails: those leave at once. Pure.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/duration.h"
#include "renderer/core/data.h"

namespace longshore::render {

class CriticalHold {
 public:
  using Identity = std::pair<std::string, std::string>;  // node, service ID
  explicit CriticalHold(base::Duration limit) : limit_(limit) {}
  void configure(base::Duration limit) { limit_ = limit; }

  // `before`: what was known, null = nothing. Number of instances that are kept from now on; 0 = none, or as before.
  std::size_t answered(const Dependency& on, const ServiceData* before, const ServiceData& fresh, base::TimePoint now);
  bool kept(const Dependency& on, const Instance& instance) const;
  // Whose time is over.
  std::set<Dependency> tick(base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;
  void forget(const Dependency& on) { kept_.erase(on); }
  std::uint64_t total() const { return total_; }
  std::size_t size() const;

 private:
  struct Kept {
    std::set<Identity> instances;
    base::TimePoint until = {};
  };
  base::Duration limit_;
  std::map<Dependency, Kept> kept_;
  std::uint64_t total_ = 0;
};

bool in_use(Health health);

}  // namespace longshore::render
