#include "common/policy/debounce.h"

#include <algorithm>

namespace longshore::policy {

void Debounce::changed(base::TimePoint now) {
  if (!latest_) latest_ = now + max_;
  due_ = std::min(now + min_, *latest_);
}

}  // namespace longshore::policy
