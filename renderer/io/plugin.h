// Runs the program of a template's `plugin`, without a shell.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/async/task_group.h"
#include "common/base/error.h"
#include "renderer/core/data.h"

namespace longshore::render {

inline constexpr std::size_t kPluginOutputMost = 8u << 20;  // bytes of its stdout; more is an error

struct PluginRequest {
  std::vector<std::string> words;                               // name, found on PATH, and arguments
  std::map<std::string, std::string, std::less<>> environment;  // all of it
  base::Duration limit = std::chrono::seconds(30);              // then its whole process group is killed
};

// What it wrote to stdout, trimmed; or the original's text of what went wrong, which has all that it wrote in it.
struct PluginAnswer : LocalData {
  // Where there is a problem, the same in a few words of our own: not found, killed by a signal, too slow.
  Error trouble = {};
};

// Nothing when cancelled. `tasks` outlives the call.
async::Awaitable<std::optional<PluginAnswer>> run_plugin(async::TaskGroup& tasks, PluginRequest request);

}  // namespace longshore::render
