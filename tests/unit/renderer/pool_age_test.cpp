// How old the oldest answer of a query is: what /metrics shows as the age of the watches.
#include <doctest/doctest.h>

#include "renderer/watch/pool.h"

using namespace longshore;
using namespace longshore::render;
using std::chrono::seconds;

namespace {

constexpr base::TimePoint kStart{std::chrono::hours(1)};

Dependency key(const char* name) {
  return {.kind = Dependency::Kind::key, .name = name};
}

std::uint64_t asked(const pool::Actions& actions, const char* name) {
  for (const pool::Action& action : actions)
    if (const auto* start = std::get_if<pool::Start>(&action); start && start->ask.on == key(name))
      return start->ask.id;
  FAIL("nothing was asked of ", name);
  return 0;
}

}  // namespace

TEST_CASE("the query that has been silent for longest counts, and none before its first answer") {
  WatchPool pool({.parked = 8});
  pool.start(key("a"), kStart);
  pool.start(key("b"), kStart);
  const pool::Actions reads = pool.tick(kStart);
  CHECK(pool.oldest_answer() == std::nullopt);
  pool::Actions parked = pool.answered(asked(reads, "a"), 5, true, {}, kStart + seconds(1));
  for (pool::Action& action : pool.tick(kStart + seconds(2))) parked.push_back(std::move(action));
  CHECK(pool.oldest_answer() == kStart + seconds(1));
  pool.answered(asked(reads, "b"), 5, true, {}, kStart + seconds(3));
  CHECK(pool.oldest_answer() == kStart + seconds(1));
  // The blocking query of `a` ends: `b` is the oldest now.
  pool.answered(asked(parked, "a"), 6, true, {}, kStart + seconds(9));
  CHECK(pool.oldest_answer() == kStart + seconds(3));
  pool.stop(key("b"), kStart + seconds(10));
  CHECK(pool.oldest_answer() == kStart + seconds(9));
}
