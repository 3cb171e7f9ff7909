// What a component tells the outside; the status server asks on each request, on the same thread.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "common/net/http_types.h"
#include "common/status/metrics.h"

namespace longshore::status {

struct Readiness {
  bool ready = false;
  std::string why;  // one line; also when ready
};

struct Source {
  std::function<Readiness()> readiness;
  std::function<MetricSet()> metrics;
  // A JSON object for a further page of this component, or nothing: there is no such page. May be empty.
  std::function<std::optional<std::string>(const net::Target&)> page = {};
  std::function<std::string()> status_json;  // a whole JSON object; never environment values or tokens
};

}  // namespace longshore::status
