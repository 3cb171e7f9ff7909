#include "renderer/watch/outline.h"

#include "renderer/watch/pool.h"

namespace longshore::render {
namespace {

// Everything that does not wait has an answer of index 1.
pool::Actions answer(WatchPool& pool, const Ask& ask, const std::vector<std::string>& nodes, base::TimePoint now) {
  if (ask.kind == Ask::Kind::probes) return pool.probed(ask.id, std::vector<std::uint64_t>(ask.probes.size(), 1), now);
  Marks marks;
  if (ask.kind == Ask::Kind::nodes) marks = nodes;
  if (ask.kind == Ask::Kind::node_marks) marks = consul::NodeMarks();
  return pool.answered(ask.id, 1, true, marks, now);
}

}  // namespace

std::vector<std::pair<Dependency, std::string>> outline_queries(const Dependencies& all, std::size_t parked,
                                                                const std::vector<std::string>& nodes) {
  const base::TimePoint now{};
  PoolSettings settings;
  settings.parked = parked;
  WatchPool pool(settings);
  for (const Dependency& on : all) pool.start(on, now);
  pool::Actions todo = pool.tick(now);
  while (!todo.empty()) {
    pool::Actions next;
    for (const pool::Action& action : todo) {
      const auto* start = std::get_if<pool::Start>(&action);
      if (start == nullptr || start->ask.index != 0) continue;
      for (pool::Action& more : answer(pool, start->ask, nodes, now)) next.push_back(std::move(more));
    }
    todo = std::move(next);
  }
  std::vector<std::pair<Dependency, std::string>> out;
  for (const auto& [on, entry] : pool.entries()) out.emplace_back(on, pool.how(entry));
  return out;
}

}  // namespace longshore::render
