#include "renderer/apply/budget.h"

#include <algorithm>

namespace longshore::render::apply {
namespace {

// What additions leave for removals, as a part of the burst.
constexpr double kReserve = 0.5;
// How long additions wait before the generations are counted again.
constexpr base::Duration kCountAgain = std::chrono::milliseconds(250);

}  // namespace

void Budget::configure(Settings settings) {
  settings_ = settings;
  tokens_ = std::min(tokens_, burst());
}

double Budget::tokens_at(base::TimePoint now) const {
  const double seconds = std::chrono::duration<double>(std::max(base::Duration{}, now - at_)).count();
  return std::min(burst(), tokens_ + seconds * per_second());
}

base::TimePoint Budget::ready_at(base::TimePoint now, bool removal) const {
  if (!removal && living_ >= static_cast<std::size_t>(settings_.generations)) return now + kCountAgain;
  const double missing = (removal ? 1.0 : 1.0 + kReserve * (burst() - 1.0)) - tokens_at(now);
  if (missing <= 1e-9) return now;
  return now + std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(missing / per_second()));
}

void Budget::spend(base::TimePoint now) {
  tokens_ = std::max(0.0, tokens_at(now) - 1.0);
  at_ = now;
}

std::size_t Budget::surplus() const {
  const auto most = static_cast<std::size_t>(settings_.generations);
  return living_ > most ? living_ - most : 0;
}

}  // namespace longshore::render::apply
