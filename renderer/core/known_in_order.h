// Looks dependencies up in a snapshot. Whoever asks in the snapshot's order, as templates that range over services do,
// pays one comparison for each instead of a search.
#pragma once
#include <iterator>

#include "renderer/core/snapshot.h"

namespace longshore::render {

class KnownInOrder {
 public:
  // The snapshot outlives this and stays as it is meanwhile.
  explicit KnownInOrder(const Snapshot& snapshot) : entries_(&snapshot.entries()), next_(entries_->begin()) {}

  // nullptr: never read.
  const Known* find(const Dependency& on) {
    if (next_ == entries_->end() || next_->first != on) {
      const auto found = entries_->find(on);
      if (found == entries_->end()) return nullptr;
      next_ = found;
    }
    const Known* known = &next_->second;
    ++next_;
    return known;
  }

 private:
  const std::map<Dependency, Known>* entries_;
  std::map<Dependency, Known>::const_iterator next_;  // follows the one that was found last
};

}  // namespace longshore::render
