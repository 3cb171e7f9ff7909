#include "common/main/orphans.h"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace longshore::app {
namespace {

using Pids = std::vector<pid_t>;

TEST_CASE("who is still there at the second look is nobody's") {
  Orphans orphans;
  CHECK(orphans.left_behind({}) == Pids{});
  CHECK(orphans.left_behind({7, 8}) == Pids{});
  CHECK(orphans.left_behind({8, 9}) == Pids{8});
  CHECK(orphans.left_behind({9}) == Pids{9});
  CHECK(orphans.left_behind({}) == Pids{});
  CHECK(orphans.left_behind({9}) == Pids{});
}

// Waits for a child without reaping it.
void wait_for_end(pid_t pid) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
}

TEST_CASE("zombies are children that have ended, those of others too") {
  // In a process of its own: nobody else's children are to come here.
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(9);
    const pid_t parent = ::fork();
    if (parent == 0) {
      const pid_t orphan = ::fork();
      if (orphan == 0) ::_exit(0);
      [[maybe_unused]] const ssize_t told = ::write(ends[1], &orphan, sizeof orphan);
      ::_exit(0);
    }
    pid_t orphan = 0;
    if (::read(ends[0], &orphan, sizeof orphan) != sizeof orphan) ::_exit(8);
    wait_for_end(parent);
    wait_for_end(orphan);
    const Pids seen = zombie_children();
    const bool both = seen.size() == 2 && std::ranges::find(seen, parent) != seen.end() &&
                      std::ranges::find(seen, orphan) != seen.end();
    ::waitpid(parent, nullptr, 0);
    ::waitpid(orphan, nullptr, 0);
    ::_exit(both && zombie_children().empty() ? 0 : 7);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
}

}  // namespace
}  // namespace longshore::app
