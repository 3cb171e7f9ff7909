// The renderer's state as others see it: readiness, metrics, status page. No template text, no environment, no tokens.
#pragma once
#include <string>

#include "common/consul/client.h"
#include "common/status/source.h"
#include "renderer/core/machine.h"
#include "renderer/io/watcher.h"

namespace longshore::render {

// Ready: every template has its file and no watch is failing.
status::Readiness readiness(const RenderMachine& machine);
status::MetricSet metrics(const RenderMachine& machine, const Watcher& watcher, consul::Client& client,
                          base::TimePoint now);
// {"templates": [..], "watches": [..], "held": [..], "followups": ..}
std::string status_json(const RenderMachine& machine, const Watcher& watcher, base::TimePoint now);

}  // namespace longshore::render
