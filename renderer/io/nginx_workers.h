// Ends nginx's old workers as soon as the new ones answer.
//
// At a reload nginx's master starts new workers, sleeps a fixed 100 ms, then tells the old ones to quit. Until then
// both accept, and the kernel mostly hands connections to the old ones, which still send them to instances that are
// gone and not yet to those that are new. QUIT to an old worker, what the master will send anyway, ends that: it stops
// accepting and finishes what it has. Nothing is lost: listening sockets belong to master and new workers too, and the
// master, which handles the end of a child only after its sleep and after marking the old ones, starts no replacement.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "common/async/executor.h"
#include "common/base/duration.h"
#include "renderer/io/descriptor.h"

namespace longshore::render {

// The workers that one master has now.
struct WorkerGeneration {
  struct Worker {
    pid_t pid = 0;
    Descriptor process;
  };
  pid_t master = 0;
  std::vector<Worker> workers;
  std::vector<pid_t> children;  // of the master, also those that do not accept yet or any more
};

bool is_nginx_master(pid_t pid);
WorkerGeneration workers_of(pid_t master);

// True as soon as as many new workers as there were accept (fewer are enough 20 ms after the first one). timeout: not
// within `limit`; unreachable: the master has ended.
async::Awaitable<Status> await_new_workers(const WorkerGeneration& before, base::Duration limit);
// A worker accepts connections: it does not finish, and it has begun.
bool accepts_connections(pid_t worker);

// Waits up to `limit` for as many new workers as there were (fewer are enough 20 ms after the first one), then tells
// those of `before` to finish. Returns how many were told; 0 when there was no reload, or we may not signal them.
async::Awaitable<std::size_t> retire(WorkerGeneration before, base::Duration limit);
// Tells those of them that still accept; how many.
std::size_t retire_now(const WorkerGeneration& before);

// The masters of this machine, as far as a look at /proc shows them; looking costs milliseconds.
class NginxMasters {
 public:
  // Looks again when that seems worth it: none known for 10 s, or some for a minute.
  void look(base::TimePoint now);
  // Of those that still run.
  std::vector<WorkerGeneration> generations() const;

 private:
  struct Master {
    pid_t pid = 0;
    std::uint64_t started = 0;  // a pid with another start is another process
  };
  std::vector<Master> masters_;
  std::optional<base::TimePoint> looked_at_;
};

}  // namespace longshore::render
