// The process_* metrics that every Prometheus client exports, from /proc/self.
#pragma once
#include "common/status/metrics.h"

namespace longshore::status {

// What cannot be read is left out. Reads a few files of /proc: well under a millisecond.
MetricSet process_metrics();

}  // namespace longshore::status
