// What stands in Consul for the only instance of a service while that is away. It is critical, so nobody is sent there;
// but sites still know their names, and answer 503 with Retry-After instead of 404. Pure.
#pragma once
#include <string>

#include "common/base/duration.h"
#include "common/consul/model.h"

namespace longshore::proxy {

// `by`: who removes it again. Should nobody do so, Consul does: after `time`, a minute at least.
consul::Registration placeholder(const consul::Service& service, const std::string& by, base::Duration time);

}  // namespace longshore::proxy
