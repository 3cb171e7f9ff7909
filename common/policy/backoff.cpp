#include "common/policy/backoff.h"

#include <algorithm>
#include <cstdint>

namespace longshore::policy {

base::Duration Backoff::next(double chance) {
  base::Duration wait = first_;
  for (int i = 0; i < failures_ && wait < most_; ++i) wait *= 2;
  wait = std::min(wait, most_);
  ++failures_;
  const double share = 0.75 + 0.25 * chance;
  return base::Duration(static_cast<std::int64_t>(static_cast<double>(wait.count()) * share));
}

}  // namespace longshore::policy
