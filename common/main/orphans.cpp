#include "common/main/orphans.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "common/async/deadline.h"

namespace longshore::app {
namespace {

// So long one stays a zombie, or twice that.
constexpr base::Duration kLook = std::chrono::seconds(2);

// "12 (name) Z 1 ..": the name may hold anything.
bool is_zombie(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(") ");
  return end != std::string::npos && end + 2 < line.size() && line[end + 2] == 'Z';
}

}  // namespace

std::vector<pid_t> zombie_children() {
  // Those of others come to the first thread.
  std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::vector<pid_t> out;
  for (pid_t pid = 0; file >> pid;)
    if (is_zombie(pid)) out.push_back(pid);
  return out;
}

std::vector<pid_t> Orphans::left_behind(std::vector<pid_t> zombies) {
  std::vector<pid_t> out;
  for (const pid_t pid : zombies)
    if (std::ranges::find(before_, pid) != before_.end()) out.push_back(pid);
  before_ = std::move(zombies);
  return out;
}

async::Awaitable<void> reap_orphans() {
  Orphans orphans;
  for (;;) {
    co_await async::sleep_for(kLook);
    for (const pid_t pid : orphans.left_behind(zombie_children())) ::waitpid(pid, nullptr, WNOHANG);
  }
}

}  // namespace longshore::app
