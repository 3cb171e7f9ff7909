// Commands that follow a change.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "common/async/executor.h"
#include "common/async/task_group.h"
#include "common/base/result.h"
#include "renderer/core/command.h"
#include "renderer/io/spawn.h"

namespace longshore::render {

struct CommandRequest {
  Command command;
  base::Duration timeout;  // then its whole process group is killed; 0: it is started and not waited for
  std::shared_ptr<const std::map<std::string, std::string, std::less<>>> environment =
      {};                        // null: that of the settings
  std::vector<Mount> view = {};  // not empty: it sees the file system so, see private_view.h; its output is captured
};

struct CommandResult {
  Status status;       // check_failed: exit code or signal; timeout; io, not_found: could not be started
  std::string output;  // the end of what it wrote to stdout and stderr, at most kOutputKept bytes
};

inline constexpr std::size_t kOutputKept = 4096;

// The seam. A cancelled call kills the command's process group.
class Processes {
 public:
  virtual ~Processes() = default;
  virtual async::Awaitable<CommandResult> run(CommandRequest request) = 0;
};

struct ProcessSettings {
  std::map<std::string, std::string, std::less<>> environment;  // of the commands, all of it
  bool inherit_output = false;  // stdin, stdout and stderr are ours, nothing is captured (compatibility name)
};

class RealProcesses final : public Processes {
 public:
  // `tasks` reads what commands say; it outlives this.
  RealProcesses(async::TaskGroup& tasks, ProcessSettings settings) : tasks_(tasks), settings_(std::move(settings)) {}
  async::Awaitable<CommandResult> run(CommandRequest request) override;

 private:
  async::TaskGroup& tasks_;
  ProcessSettings settings_;
};

}  // namespace longshore::render
