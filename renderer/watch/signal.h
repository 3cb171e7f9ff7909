// One wide signal: a blocking query that ends when something within its reach changes. Its rules are those of a watch
// (common/consul/blocking_query.h); it carries no data of a template.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/duration.h"
#include "common/policy/backoff.h"
#include "renderer/watch/ask.h"

namespace longshore::render {

struct Signal {
  enum class News : std::uint8_t {
    none,      // its wait is over, nothing happened
    baseline,  // the first answer, or the first after a failure: says nothing about what was read before it
    woke,      // something within its reach changed
    fell,      // the index fell: another store, or an older one
  };

  Ask::Kind kind = Ask::Kind::any_service;
  std::uint64_t index = 0;
  std::uint64_t asked = 0;  // id of the ask under way, 0 = none
  base::TimePoint next = base::TimePoint::min();
  base::TimePoint bucket_full_at = base::TimePoint::min();
  policy::Backoff backoff{std::chrono::milliseconds(250), std::chrono::seconds(5)};
  std::uint64_t wakes = 0;
  base::TimePoint answered_at = base::TimePoint::min();  // min: never

  bool due(base::TimePoint now) const { return asked == 0 && next <= now; }

  News answered(std::uint64_t told, base::TimePoint now) {
    asked = 0;
    answered_at = now;
    backoff.reset();
    told = std::max<std::uint64_t>(told, 1);
    const std::uint64_t before = std::exchange(index, told);
    // No pause until 10 answers came within a short time, then one per 50 ms: bursts are gathered, and a query that
    // answers without end costs a bounded amount.
    constexpr base::Duration kRefill = std::chrono::milliseconds(50);
    bucket_full_at = std::max(bucket_full_at, now) + kRefill;
    next = std::max(now, bucket_full_at - 10 * kRefill);
    if (before == 0) return News::baseline;
    if (told < before) return News::fell;
    if (told == before) return News::none;
    ++wakes;
    return News::woke;
  }

  void failed(base::TimePoint now, double chance) {
    asked = 0;
    index = 0;
    next = now + backoff.next(chance);
  }
};

}  // namespace longshore::render
