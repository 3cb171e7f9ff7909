// What a plan says, for people and for programs. Pure.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "renderer/core/dependency.h"
#include "renderer/plan.h"
#include "renderer/plan_checks.h"

namespace longshore::app {

using Verdicts = std::vector<render::CheckVerdict>;
// How a renderer would follow each dependency; empty: nobody asked.
using PlannedQueries = std::vector<std::pair<render::Dependency, std::string>>;

// A unified diff, then lines that begin with `plan:`, which `patch` skips.
std::string plan_text(const render::Plan& plan, const Verdicts& checks, const PlannedQueries& queries);
// One object. complete: everything could be rendered.
std::string plan_json(const render::Plan& plan, const Verdicts& checks, const PlannedQueries& queries, bool complete);

}  // namespace longshore::app
