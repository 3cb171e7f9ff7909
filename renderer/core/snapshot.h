// All that is known of Consul at one moment: dependency -> immutable data. Copies share everything; a copy that is
// kept while the original changes stays as it was.
#pragma once
#include <map>
#include <memory>
#include <optional>

#include "common/base/duration.h"
#include "renderer/core/data.h"
#include "renderer/core/dependency.h"

namespace longshore::render {

// What a snapshot says of a dependency. Never read: there is no such entry.
struct Known {
  Data data;
  // Consul could not be asked since then; the data is the last good one.
  std::optional<base::TimePoint> stale_since;
};

class Snapshot {
 public:
  // nullptr: never read. Valid until this snapshot changes.
  const Known* find(const Dependency& on) const {
    const auto found = entries_->find(on);
    return found == entries_->end() ? nullptr : &found->second;
  }
  // The data of that type; nullptr: never read.
  template <class T>
  std::shared_ptr<const T> get(const Dependency& on) const {
    const Known* known = find(on);
    if (known == nullptr) return nullptr;
    const auto* data = std::get_if<std::shared_ptr<const T>>(&known->data);
    return data == nullptr ? nullptr : *data;
  }

  void set(const Dependency& on, Data data) { own()[on] = Known{std::move(data), std::nullopt}; }
  // The first failure counts; without data there is nothing to go stale.
  void mark_stale(const Dependency& on, base::TimePoint since) {
    const Known* known = find(on);
    if (known != nullptr && !known->stale_since) own()[on].stale_since = since;
  }
  void mark_fresh(const Dependency& on) {
    const Known* known = find(on);
    if (known != nullptr && known->stale_since) own()[on].stale_since.reset();
  }
  void forget(const Dependency& on) {
    if (find(on) != nullptr) own().erase(on);
  }

  const std::map<Dependency, Known>& entries() const { return *entries_; }

 private:
  using Entries = std::map<Dependency, Known>;

  // Copy on write: only when somebody else still looks at the entries.
  Entries& own() {
    if (entries_.use_count() > 1) entries_ = std::make_shared<Entries>(*entries_);
    return *entries_;
  }

  std::shared_ptr<Entries> entries_ = std::make_shared<Entries>();
};

}  // namespace longshore::render
