// The renderer's part of `longshore why`: what it knows of the instances, services, templates and changes that a
// question names.
#pragma once
#include <string>

#include "common/net/http_types.h"
#include "renderer/core/machine.h"
#include "renderer/io/watcher.h"

namespace longshore::render {

// `query`: any number of `address` (host:port, or a host) and `word` (service, service ID, node, first digits of a
// container, destination). {"instances": [..], "changes": [..], "services": [..], "templates": [..]}; at most 200
// instances, then "more" says how many were left out.
std::string why_json(const RenderMachine& machine, const Watcher& watcher, const std::vector<net::QueryItem>& query,
                     base::TimePoint now);

}  // namespace longshore::render
