#include "renderer/io/nginx_workers.h"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "common/async/deadline.h"
#include "common/base/text.h"
#include "renderer/io/proc.h"

namespace longshore::render {
namespace {

constexpr base::Duration kLookAgain = std::chrono::minutes(1);
constexpr base::Duration kLookAgainForAny = std::chrono::seconds(10);
// A new configuration may ask for fewer workers than the old one.
constexpr base::Duration kRestOfThem = std::chrono::milliseconds(20);
constexpr base::Duration kShortestPause = std::chrono::milliseconds(1);
constexpr base::Duration kLongestPause = std::chrono::milliseconds(20);

std::size_t new_workers(const WorkerGeneration& before) {
  std::size_t count = 0;
  for (const pid_t child : child_processes(before.master)) {
    // One that was slow to begin after an earlier reload is no answer to this one.
    const bool old = std::ranges::find(before.children, child) != before.children.end();
    if (!old && accepts_connections(child)) ++count;
  }
  return count;
}

}  // namespace

bool is_nginx_master(pid_t pid) {
  return process_title(pid).starts_with("nginx: master process");
}

WorkerGeneration workers_of(pid_t master) {
  WorkerGeneration out;
  out.master = master;
  out.children = child_processes(master);
  for (const pid_t child : out.children) {
    Descriptor process = open_process(child);
    if (process.valid() && accepts_connections(child)) out.workers.push_back({child, std::move(process)});
  }
  return out;
}

// A worker has this title once it accepts; one that finishes has another.
bool accepts_connections(pid_t worker) {
  return process_title(worker) == "nginx: worker process";
}

async::Awaitable<Status> await_new_workers(const WorkerGeneration& before, base::Duration limit) {
  const base::TimePoint started = async::now();
  std::optional<base::TimePoint> first_seen;
  for (;;) {
    const base::TimePoint now = async::now();
    const std::size_t fresh = new_workers(before);
    if (fresh > 0 && !first_seen) first_seen = now;
    if (fresh >= before.workers.size() && fresh > 0) co_return Status();
    if (first_seen && now - *first_seen >= kRestOfThem) co_return Status();
    // Gone, or a zombie whose parent has not looked yet.
    if (process_title(before.master).empty()) co_return fail(Errc::unreachable, "nginx has ended");
    if (now - started >= limit)
      co_return fail(Errc::timeout, "nginx has started no new workers within " + base::format_duration(limit));
    // The longer it takes, the less a millisecond matters.
    co_await async::sleep_for(std::clamp(base::Duration((now - started) / 8), kShortestPause, kLongestPause));
  }
}

std::size_t retire_now(const WorkerGeneration& before) {
  std::size_t told = 0;
  for (const WorkerGeneration::Worker& worker : before.workers)
    if (accepts_connections(worker.pid) && signal_process(worker.process, SIGQUIT)) ++told;
  return told;
}

async::Awaitable<std::size_t> retire(WorkerGeneration before, base::Duration limit) {
  const Status renewed = co_await await_new_workers(before, limit);
  if (!renewed) co_return 0;
  co_return retire_now(before);
}

void NginxMasters::look(base::TimePoint now) {
  if (looked_at_ && now - *looked_at_ < (masters_.empty() ? kLookAgainForAny : kLookAgain)) return;
  looked_at_ = now;
  masters_.clear();
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const auto number = base::parse_uint(at->path().filename().string());
    if (!number) continue;
    const auto pid = static_cast<pid_t>(*number);
    if (base::trim(proc_file(pid, "comm").value_or("")) != "nginx") continue;
    const auto start = process_start(pid);
    if (start && is_nginx_master(pid)) masters_.push_back({pid, *start});
  }
}

std::vector<WorkerGeneration> NginxMasters::generations() const {
  std::vector<WorkerGeneration> out;
  for (const Master& master : masters_) {
    if (process_start(master.pid) != master.started) continue;
    WorkerGeneration one = workers_of(master.pid);
    if (!one.workers.empty()) out.push_back(std::move(one));
  }
  return out;
}

}  // namespace longshore::render
