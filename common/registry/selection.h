// The query parameters that choose among instances, for catalog and health routes.
#pragma once
#include "common/registry/exchange.h"

namespace longshore::registry {

// Consul's prefix on errors of `filter=` where its servers evaluate it.
std::string filter_problem(const Error& error);
// Every ?node-meta=key:value.
bool meta_matches(const Exchange& x, const consul::StringMap& meta);
// Every ?tag=, whatever its case.
bool tags_match(const Exchange& x, const std::vector<std::string>& tags);

}  // namespace longshore::registry
