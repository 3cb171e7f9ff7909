// Consul's HTTP API over the store, one request at a time. Pure: a blocking query that has nothing to say yet is a
// value (Wait) that the caller holds until one of its topics changed or its time is over, and then asks again. Texts
// and statuses are those of Consul 1.8.7, seen there.
#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "common/net/http_types.h"
#include "common/registry/store.h"

namespace longshore::registry {

struct Wait {
  std::vector<Topic> topics;
  base::TimePoint until;
};

struct Call {
  const net::Request& request;
  base::TimePoint now;
  double chance = 0;                     // uniform in [0, 1): jitter of a wait
  std::optional<base::TimePoint> until;  // of the Wait that this request was answered with before
};

using Outcome = std::variant<net::Response, Wait>;

Outcome route(Store& store, const Call& call);

}  // namespace longshore::registry
