// The machine of one watch: when to ask which index, and whether an answer is news. Pure; one per (path, query) pair.
// Rules: Consul's blocking query documentation and registrator.md 9.4 of the reference. The caller keeps the last good
// payload; an error never clears it.
#pragma once
#include <cstdint>

#include "common/base/duration.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"

namespace longshore::consul {

struct BlockingSettings {
  base::Duration wait = std::chrono::minutes(5);  // > 0; Consul caps it at 10 min
  base::Duration slack = std::chrono::seconds(10);
  base::Duration backoff_first = std::chrono::milliseconds(250);
  base::Duration backoff_most = std::chrono::seconds(30);
  // Token bucket over all asks: no pause until `burst` asks came within a short time, then one per `refill`. Consul
  // suggests one per 15 s under churn; that would delay routing by as much, so this only stops hot loops.
  int burst = 10;  // >= 2
  base::Duration refill = std::chrono::milliseconds(50);
  // This many errors in a row: ask for the whole state again. 1, because a server that was restarted without its data
  // would let an old, higher index wait for its full time.
  int restart_after_errors = 1;
};

class BlockingQuery {
 public:
  struct Ask {
    base::TimePoint at;           // not before; <= now means at once
    std::uint64_t index = 0;      // 0 = do not block
    base::Duration wait{};        // for the query string; 0 with index 0
    base::Duration time_limit{};  // for the client: wait * 17/16 + slack, Consul adds up to wait/16
    bool operator==(const Ask&) const = default;
  };
  struct Step {
    bool publish = false;    // the payload of this answer is news
    bool restarted = false;  // the index fell or errors repeated: the next answer is a full read
    Ask ask;
    bool operator==(const Step&) const = default;
  };

  BlockingQuery(BlockingSettings settings, std::uint64_t seed);

  Ask start(base::TimePoint now);
  // index: X-Consul-Index, 0 = missing. same: the payload equals the last published one.
  Step answered(std::uint64_t index, bool same, base::TimePoint now);
  Step failed(base::TimePoint now);

  std::uint64_t index() const { return index_; }
  int failures() const { return backoff_.failures(); }

 private:
  Ask next(base::TimePoint earliest);
  base::TimePoint take_token(base::TimePoint now);

  BlockingSettings settings_;
  policy::Random random_;
  policy::Backoff backoff_;
  std::uint64_t index_ = 0;
  base::TimePoint bucket_full_at_{};
};

}  // namespace longshore::consul
