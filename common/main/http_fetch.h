// One short GET for the operator verbs; blocking, with an event loop of its own.
#pragma once
#include <string>

#include "common/base/duration.h"
#include "common/net/endpoint.h"

namespace longshore::app {

struct Fetched {
  int status = 0;
  std::string body;
};

// Any status is a success. unreachable or timeout otherwise; `limit` holds for each phase.
Result<Fetched> http_get(const net::Endpoint& endpoint, const std::string& path, base::Duration limit);

}  // namespace longshore::app
