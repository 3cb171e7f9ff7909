// What process 1 of a container owes: whoever is left behind by its parent becomes our child, and stays a zombie until
// somebody asks for its end.
#pragma once
#include <sys/types.h>

#include <vector>

#include "common/async/executor.h"

namespace longshore::app {

// Which of our children have ended and were not asked for, ours and those of others. Empty where the kernel does not
// list children.
std::vector<pid_t> zombie_children();

// Tells orphans from our own children, for which somebody waits and whose end is known within a turn of the event loop.
class Orphans {
 public:
  // `zombies` now, at least a turn of the loop after the call before. Those that were there then too are nobody's.
  std::vector<pid_t> left_behind(std::vector<pid_t> zombies);

 private:
  std::vector<pid_t> before_;
};

// Reaps them, for as long as it runs.
async::Awaitable<void> reap_orphans();

}  // namespace longshore::app
