#include "common/consul/blocking_query.h"

#include <algorithm>

namespace longshore::consul {

BlockingQuery::BlockingQuery(BlockingSettings settings, std::uint64_t seed)
    : settings_(settings), random_(seed), backoff_(settings.backoff_first, settings.backoff_most) {}

BlockingQuery::Ask BlockingQuery::start(base::TimePoint now) {
  return next(now);
}

BlockingQuery::Step BlockingQuery::answered(std::uint64_t index, bool same, base::TimePoint now) {
  backoff_.reset();
  // A blocking query with index 0 does not block: 1 keeps a server without the header from being asked in a hot loop.
  const std::uint64_t told = std::max<std::uint64_t>(index, 1);
  Step step;
  if (told < index_) {
    // Restored snapshot, swapped server or reaped tombstones: what we hold may be of another world.
    index_ = 0;
    step.restarted = true;
  } else {
    step.publish = told > index_ && !same;
    index_ = told;
  }
  step.ask = next(now);
  return step;
}

BlockingQuery::Step BlockingQuery::failed(base::TimePoint now) {
  Step step;
  const base::TimePoint retry = now + backoff_.next(random_.chance());
  if (backoff_.failures() == settings_.restart_after_errors) {
    step.restarted = index_ != 0;
    index_ = 0;
  }
  step.ask = next(retry);
  return step;
}

BlockingQuery::Ask BlockingQuery::next(base::TimePoint earliest) {
  Ask ask;
  ask.at = take_token(earliest);
  ask.index = index_;
  if (index_ != 0) ask.wait = settings_.wait;
  ask.time_limit = ask.wait + ask.wait / 16 + settings_.slack;
  return ask;
}

// The bucket as one instant: when it will be full again. Each ask moves it by one refill.
base::TimePoint BlockingQuery::take_token(base::TimePoint now) {
  const base::Duration depth = settings_.refill * (settings_.burst - 1);
  const base::TimePoint at = std::max(now, bucket_full_at_ - depth);
  bucket_full_at_ = std::max(bucket_full_at_, at) + settings_.refill;
  return at;
}

}  // namespace longshore::consul
