// What a component tells the outside; the status server asks on each request, on the same thread.
#pragma once
#include <functional>
#include <string>

#include "common/status/metrics.h"

namespace longshore::status {

struct Readiness {
  bool ready = false;
  std::string why;  // one line; also when ready
};

struct Source {
  std::function<Readiness()> readiness;
  std::function<MetricSet()> metrics;
  std::function<std::string()> status_json;  // a whole JSON object; never environment values or tokens
};

}  // namespace longshore::status
