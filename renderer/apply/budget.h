// How often a group may be applied. Each reload of nginx starts a generation of workers that lives as long as its last
// connection: too many of them eat the machine. Removals are coalesced to the rate but never held longer; additions
// leave a reserve for them and wait while too many generations live. Pure.
#pragma once
#include <algorithm>
#include <cstddef>

#include "common/base/duration.h"

namespace longshore::render::apply {

class Budget {
 public:
  struct Settings {
    int per_minute = 300;  // 10 to 6000: within any 60 s no more than that many
    int generations = 8;   // at least 2: the one that serves, and older ones that finish
    bool operator==(const Settings&) const = default;
  };

  explicit Budget(Settings settings) : settings_(settings) { tokens_ = burst(); }
  void configure(Settings settings);

  // When the next one may start; `now` or earlier: at once.
  base::TimePoint ready_at(base::TimePoint now, bool removal) const;
  void spend(base::TimePoint now);
  // Generations that live, the one that serves among them.
  void saw_generations(std::size_t living) { living_ = living; }
  std::size_t generations() const { return living_; }
  // More than settings allow: the oldest ones are to end.
  std::size_t surplus() const;

 private:
  // At least one: otherwise nothing would ever be ready.
  double burst() const { return std::max(1.0, static_cast<double>(settings_.per_minute) / 30.0); }
  double per_second() const { return (static_cast<double>(settings_.per_minute) - burst()) / 60.0; }
  double tokens_at(base::TimePoint now) const;

  Settings settings_;
  double tokens_ = 0;
  base::TimePoint at_{};
  std::size_t living_ = 1;
};

}  // namespace longshore::render::apply
