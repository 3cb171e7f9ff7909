// What the status pages say of groups.
#pragma once
#include "common/json/json.h"
#include "renderer/pages.h"

namespace longshore::render {

json::Value groups_json(const RenderMachine& machine, base::TimePoint now);
status::MetricSet group_metrics(const RenderMachine& machine);

}  // namespace longshore::render
