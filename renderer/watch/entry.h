// One watched dependency within the pool.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/duration.h"
#include "common/policy/backoff.h"
#include "renderer/core/dependency.h"

namespace longshore::render {

struct Cover;

struct Entry {
  enum class Mode : std::uint8_t {
    own,      // a blocking query of its own
    covered,  // wide signals say when to look
    polled,   // read now and then: nothing can be waited for, or no connection is left
  };

  explicit Entry(const Dependency& dependency) : on(&dependency) {}

  const Dependency* on;  // the key under which the pool keeps it
  Mode mode = Mode::own;
  Cover* cover = nullptr;              // whose member it is; with a query of its own it is a member that changes often
  bool known = false;                  // answered at least once
  bool reading = true;                 // wants a full read
  bool queued = false;                 // in the pool's line of reads
  bool blocked = false;                // the ask under way is a blocking query
  bool failing = false;                // the last try failed, and the renderer was told so
  bool done = false;                   // -once: enough is known
  std::uint64_t asked = 0;             // id of its ask under way, 0 = none; probes do not count
  std::uint64_t asked_step = 0;        // when that ask was sent, in the pool's own count of events
  std::uint64_t clear_step = 0;        // what is known was asked for then: younger suspicions are open
  std::uint64_t heard_step = 0;        // when its data last came
  std::uint64_t suspect_step = 0;      // this one alone may have changed before that step
  std::uint64_t index = 0;             // X-Consul-Index of what is known
  std::uint64_t probe_index = 0;       // another index under which probes see the same
  std::optional<std::uint64_t> print;  // of what is known, see consul::Print
  bool print_differed = false;         // why it is read
  // Hashes of the names of the nodes that are in what is known; nothing: any may be.
  std::optional<std::vector<std::uint64_t>> nodes = {};
  base::TimePoint not_before = base::TimePoint::min();
  base::TimePoint changed_at = base::TimePoint::min();
  base::TimePoint bucket_full_at = base::TimePoint::min();
  std::optional<base::TimePoint> answered_at = {};
  std::uint64_t answers = 0;
  int failures = 0;  // in a row
};

}  // namespace longshore::render
