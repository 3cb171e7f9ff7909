// Quiet window: after a first change, act when nothing changed for `min`, at the latest `max` after the first change.
// Source of the rule: consul-template's -wait min:max (timers start only from the own changes here). Pure.
#pragma once
#include <optional>

#include "common/base/duration.h"

namespace longshore::policy {

class Debounce {
 public:
  // 0 <= min <= max; min 0: due at once.
  Debounce(base::Duration min, base::Duration max) : min_(min), max_(max) {}

  void changed(base::TimePoint now);
  // When to act; nothing while there is no change.
  std::optional<base::TimePoint> due() const { return due_; }
  bool is_due(base::TimePoint now) const { return due_ && *due_ <= now; }
  void acted() { due_.reset(), latest_.reset(); }

 private:
  base::Duration min_;
  base::Duration max_;
  std::optional<base::TimePoint> due_;
  std::optional<base::TimePoint> latest_;
};

}  // namespace longshore::policy
