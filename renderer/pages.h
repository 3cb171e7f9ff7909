// The renderer's state as others see it: readiness, metrics, status page. No template text, no environment, no tokens.
#pragma once
#include <string>

#include "common/consul/client.h"
#include "common/status/source.h"
#include "renderer/core/machine.h"
#include "renderer/io/watcher.h"
#include "renderer/word_publisher.h"

namespace longshore::render {

// Ready: every template has its file and no watch is failing.
status::Readiness readiness(const RenderMachine& machine);
status::MetricSet metrics(const RenderMachine& machine, const Watcher& watcher, consul::Client& client,
                          base::TimePoint now);
// {"templates": [..], "watches": [..], "held": [..], "word": {..}, "followups": ..}; publisher: null = nothing is told
// to others.
std::string status_json(const RenderMachine& machine, const Watcher& watcher, const WordPublisher* publisher,
                        base::TimePoint now);

}  // namespace longshore::render
