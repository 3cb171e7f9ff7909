// Exponential backoff as a value: who retries keeps one per thing that can fail. Pure; the caller brings chance.
#pragma once
#include "common/base/duration.h"

namespace longshore::policy {

class Backoff {
 public:
  // 0 < first <= most.
  Backoff(base::Duration first, base::Duration most) : first_(first), most_(most) {}

  // The wait before the next try: doubles up to `most`, then jittered to 75..100 %. chance: uniform in [0, 1).
  base::Duration next(double chance);
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  base::Duration first_;
  base::Duration most_;
  int failures_ = 0;
};

}  // namespace longshore::policy
