// Decides which dependency has a blocking query of its own and how the others are followed, within a bounded number of
// parked queries. step-like: each call returns what is to be done. Pure: no I/O, no clock; a seed gives the jitter.
//
// While all dependencies fit, each has its own query. Beyond that the most recently changing ones keep theirs and
// the rest is covered (cover.h). What makes coverage right, whatever races what:
// - A member is clean only if it was asked for after every signal that covers it had last answered. Every answer of a
//   signal makes older knowledge suspect, unless it tells itself which services changed.
// - Suspicion ends with an index probe or a read that was sent later, never with anything that was under way.
// - A print is that of the data which is known, computed from it: equal prints need no look at who was when.
// - A probe is believed only if its index is the one that is known; any other, also a lower one, leads to a read.
// - After a failure, and after an index that fell, equal indexes prove nothing (the store may be another): members are
//   read anew.
// - Sweeps rest twice as long as they took, so that they never take more than a third of Consul's time.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/policy/random.h"
#include "renderer/watch/ask.h"
#include "renderer/watch/cover.h"
#include "renderer/watch/entry.h"

namespace longshore::render {

struct PoolSettings {
  std::size_t parked = 56;  // blocking queries at a time, >= 2
  std::size_t reads_at_once = 16;
  std::size_t probes_per_ask = 32;
  std::size_t probe_asks = 2;                      // under way, per place
  std::size_t prints_from = 48;                    // so many suspects are cheaper compared by one list of everything
  std::size_t probes_beside = 8;                   // of those that changed, the last ones, beside that list
  base::Duration wait = std::chrono::seconds(60);  // of a blocking query; up to a tenth less, so that they spread
  base::Duration poll = std::chrono::seconds(15);  // of what cannot be waited for
  base::Duration backoff_first = std::chrono::milliseconds(250);
  base::Duration backoff_most = std::chrono::seconds(5);
  bool once = false;  // nothing is parked for what is known well enough
  std::uint64_t seed = 1;
};

class WatchPool {
 public:
  explicit WatchPool(PoolSettings settings) : settings_(settings), random_(settings.seed) {}

  pool::Actions start(const Dependency& on, base::TimePoint now);
  pool::Actions stop(const Dependency& on, base::TimePoint now);
  // One of these ends each ask. index: X-Consul-Index, 0 = the endpoint has none. enough: with -once this will do.
  pool::Actions answered(std::uint64_t id, std::uint64_t index, bool enough, const Marks& marks, base::TimePoint now);
  // The probes' indexes, in the order of the ask.
  pool::Actions probed(std::uint64_t id, const std::vector<std::uint64_t>& indexes, base::TimePoint now);
  pool::Actions failed(std::uint64_t id, const Error& error, base::TimePoint now);
  pool::Actions tick(base::TimePoint now);
  // So many blocking queries at a time from now on, >= 2: what the connections carry has changed.
  pool::Actions set_parked(std::size_t parked, base::TimePoint now);
  // Of an ask for a node's services: what was known of them.
  const std::vector<consul::ServiceMark>& marks_of(std::uint64_t id) const;
  // When to tick if nothing else happens; nothing: whenever.
  std::optional<base::TimePoint> next_wake() const;

  const std::map<Dependency, Entry>& entries() const { return entries_; }
  const std::vector<std::unique_ptr<Cover>>& covers() const { return covers_; }
  // How a dependency is followed, for people.
  std::string how(const Entry& entry) const;
  std::size_t signals() const;  // wide blocking queries
  std::size_t own() const;      // blocking queries of dependencies
  // When the one that has been silent for longest had its last answer: of all queries, those of covers included.
  // Nothing: none had one yet.
  std::optional<base::TimePoint> oldest_answer() const;
  std::uint64_t probes() const { return probes_; }
  std::uint64_t prints() const { return prints_; }  // lists of everything
  std::uint64_t reads() const { return reads_total_; }

 private:
  struct Pending {
    Ask::Kind kind = Ask::Kind::data;
    Entry* entry = nullptr;
    Cover* cover = nullptr;
    std::string node = {};            // node_wake, node_marks
    std::vector<Entry*> probes = {};  // nullptr: not watched any more
    std::uint64_t step = 0;
  };

  pool::Actions finish(base::TimePoint now);
  // Apart from its callers: g++ 12 at -O2 takes a moved variant for uninitialised.
  [[gnu::noinline]] void act(pool::Action action);
  std::uint64_t ask(Ask ask, Pending pending);
  base::Duration wait();

  // pool.cpp
  void schedule(base::TimePoint now);
  void want_read(Entry& entry);
  void start_reads(base::TimePoint now);
  void park(Entry& entry, base::TimePoint now);
  void data_answered(Entry& entry, const Pending& pending, std::uint64_t index, bool enough, const Marks& marks,
                     base::TimePoint now);
  void moved(Entry& entry, base::TimePoint now);
  void data_failed(Entry& entry, const Error& error, base::TimePoint now);
  void doubt();
  void told_failed(Entry& entry, const Error& error);

  // pool_plan.cpp
  void plan();
  void drop_cover(Cover& cover);
  void cancel(std::uint64_t& id);
  std::size_t signals_of(const Cover& cover) const;
  Cover& cover_of(const Entry& entry);
  void join(Entry& entry);
  void leave(Entry& entry);
  void recount();
  void set_signals(Cover& cover);
  void set_prefix(Cover& cover);
  Signal& add(Cover& cover, Ask::Kind kind);
  void remove(Cover& cover, Ask::Kind kind);
  void set_strategy(Cover& cover, const std::vector<std::string>& nodes);

  // pool_cover.cpp
  void drive(Cover& cover, base::TimePoint now);
  void ask_signal(Cover& cover, Signal& signal, const std::string& node, base::TimePoint now);
  void signal_answered(Cover& cover, Signal& signal, const std::string& node, std::uint64_t index, const Marks& marks,
                       base::TimePoint now);
  void woke(Cover& cover, Signal& signal, const std::string& node, const Marks& marks);
  void marks_answered(const Pending& pending, std::uint64_t index, const Marks& marks, base::TimePoint now);
  void suspect(Cover& cover) { cover.suspect_step = cover.last_suspicion = ++step_; }
  void see_again(Cover& cover);
  void read_all(Cover& cover);
  void read_named(Cover& cover, const std::string& name, std::uint64_t index);
  bool is_suspect(const Cover& cover, const Entry& entry) const;
  void sweep(Cover& cover, base::TimePoint now);
  void compare_prints(Cover& cover);
  void prints_answered(const Pending& pending, const Marks& marks, base::TimePoint now);
  void print_read(Entry& entry, const Marks& marks, bool news, base::TimePoint now);

  PoolSettings settings_;
  policy::Random random_;
  std::map<Dependency, Entry> entries_;
  std::vector<std::unique_ptr<Cover>> covers_;
  std::map<std::uint64_t, Pending> pending_;
  std::deque<Dependency> lines_;                      // wanted reads, in order
  std::multimap<base::TimePoint, Dependency> later_;  // to be looked at again then
  std::vector<Dependency> to_park_;
  std::size_t reading_ = 0;
  std::size_t hot_most_ = 0;  // covered kinds that may have a query of their own
  std::size_t hot_ = 0;
  std::size_t fixed_ = 0;                // queries of dependencies that nothing covers
  std::optional<Dependency> candidate_;  // the member that changed last and has no query
  bool replan_ = false;
  std::uint64_t step_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t probes_ = 0, prints_ = 0, reads_total_ = 0;
  pool::Actions actions_;
};

}  // namespace longshore::render
