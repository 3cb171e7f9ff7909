#include "renderer/io/old_generations.h"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "renderer/io/proc.h"

namespace longshore::render {
namespace {

// A pidfd is readable once its process has ended.
bool alive(const WorkerGeneration::Worker& worker) {
  pollfd ended{worker.process.get(), POLLIN, 0};
  return ::poll(&ended, 1, 0) == 0;
}

// Sockets of a worker without those that every worker has: the pair to its master, and what it listens at is closed.
std::size_t sockets_of(pid_t pid) {
  std::size_t count = 0;
  std::error_code error;
  std::filesystem::directory_iterator at("/proc/" + std::to_string(pid) + "/fd", error);
  for (const std::filesystem::directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (std::filesystem::read_symlink(at->path(), gone).string().starts_with("socket:")) ++count;
  }
  return count > 1 ? count - 1 : 0;
}

}  // namespace

void OldGenerations::add(WorkerGeneration replaced) {
  if (!replaced.workers.empty()) generations_.push_back(std::move(replaced));
}

std::size_t OldGenerations::living() {
  for (WorkerGeneration& one : generations_)
    std::erase_if(one.workers, [](const WorkerGeneration::Worker& worker) { return !alive(worker); });
  std::erase_if(generations_, [](const WorkerGeneration& one) { return one.workers.empty(); });
  return generations_.size() + 1;
}

bool OldGenerations::settled() const {
  return std::ranges::none_of(generations_, [](const WorkerGeneration& one) {
    return std::ranges::any_of(one.workers, [](const auto& worker) { return accepts_connections(worker.pid); });
  });
}

std::size_t OldGenerations::connections() const {
  std::size_t count = 0;
  for (const WorkerGeneration& one : generations_)
    for (const WorkerGeneration::Worker& worker : one.workers) count += sockets_of(worker.pid);
  return count;
}

std::size_t OldGenerations::end_oldest(std::size_t count) {
  std::size_t told = 0;
  for (std::size_t i = 0; i < std::min(count, generations_.size()); ++i)
    for (const WorkerGeneration::Worker& worker : generations_[i].workers)
      if (signal_process(worker.process, SIGTERM)) ++told;
  return told;
}

}  // namespace longshore::render
