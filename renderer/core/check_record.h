// The checks of a service's instance as templates see them: api.HealthChecks of Consul's Go library, version 1.34.
#pragma once
#include "common/consul/model.h"
#include "common/tmpl/value.h"

namespace longshore::render {

const tmpl::Type& checks_type();
// `owner` keeps the checks alive.
tmpl::Value view_of_checks(const std::vector<consul::HealthCheck>& checks, const tmpl::Owner& owner);

}  // namespace longshore::render
