// How a set of dependencies would be followed, without asking anybody: what the pool itself says of them once all it
// asks is answered. Pure.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "renderer/core/dependency.h"

namespace longshore::render {

// parked: blocking queries at a time. nodes: the names that Consul has; they decide between the kinds of wide signals.
std::vector<std::pair<Dependency, std::string>> outline_queries(const Dependencies& all, std::size_t parked,
                                                                const std::vector<std::string>& nodes);

}  // namespace longshore::render
