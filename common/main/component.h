// One long-running part of a process as the supervisor sees it: agent, renderer or registry.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "common/async/executor.h"
#include "common/async/task_group.h"
#include "common/net/endpoint.h"
#include "common/status/source.h"

namespace longshore::app {

struct Component {
  std::string name;  // "agent"; component= of its log lines
  // Before run(), in the order of the components; an error ends the process. May be empty.
  std::function<Status(async::TaskGroup& tasks)> start;
  // Ends after request_stop(), which may come at any time after the first step of run(), or by itself; the exit code.
  std::function<async::Awaitable<int>()> run;
  std::function<void()> request_stop;
  std::function<void()> request_reload;  // may be empty
  std::function<void(int)> forward;      // signals of SupervisorRules::forward; may be empty
  std::function<void()> end_now;         // the process ends without waiting; may be empty
  // Asked when the stop begins: for so long its end may take, beyond SupervisorRules::deadline. May be empty.
  std::function<base::Duration()> stop_limit;
  status::Source source;
  std::optional<net::Endpoint> status_address;  // nothing: no status pages
  std::function<std::string()> address;         // what it serves, for the log; may be empty
};

}  // namespace longshore::app
