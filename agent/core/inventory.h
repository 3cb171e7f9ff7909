// What Docker runs, as far as we know: a fold over lists, inspects and events. Events are hints that lead to an
// inspect; only `die` and `destroy` are taken at their word, because nothing can be slower than that. Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "agent/core/agent_options.h"
#include "agent/core/diff.h"
#include "agent/core/messages.h"
#include "agent/core/withhold.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"

namespace longshore::agent {

struct ContainerRecord {
  enum class Phase {
    unknown,  // heard of, not inspected yet
    running,
    ended,  // it does not run; stays until the next list confirms
    kept,   // it does not run, and -deregister on-success keeps its entries
  };
  Phase phase = Phase::unknown;
  docker::Container container;   // of the last inspect that said running
  std::uint64_t row = 0;         // fingerprint in the last list
  std::uint64_t heard = 0;       // when: news number of the last event or inspect
  std::int64_t lives_since = 0;  // of its last start that is known, in nanoseconds since the epoch; 0 = unknown
  std::uint64_t ticket = 0;      // of the inspect in flight whose answer counts; 0 = none
  bool due = false;              // must be inspected
  base::TimePoint not_before{};
  policy::Backoff backoff{std::chrono::milliseconds(250), std::chrono::seconds(30)};
  std::string error;             // of the last inspect
  std::optional<StopSeen> stop;  // it was told to stop, and has not ended yet
};

struct InventoryCounts {
  std::uint64_t events = 0;
  std::uint64_t inspects = 0;
  std::uint64_t inspect_failures = 0;
  std::uint64_t lists = 0;
  std::uint64_t connections = 0;
};

class Inventory {
 public:
  // At most this many inspects in flight.
  static constexpr std::size_t kInspectsAtOnce = 16;

  Inventory(const AgentOptions& options, std::uint64_t seed);

  // Other options from now on; the next list leads to inspecting all of it.
  void configure(const AgentOptions& options) { options_ = options; }

  // Each adds to `out` what to do now and to `changed` the IDs of containers that mean something else now.
  struct Effects {
    Actions& out;
    std::set<std::string>& changed;
  };
  void start(base::TimePoint now, Effects effects);
  void connected(const input::DockerConnected& said, base::TimePoint now, Effects effects);
  void lost(const input::DockerLost& said, base::TimePoint now, Effects effects);
  void event(const input::DockerEvent& said, base::TimePoint now, Effects effects);
  void listed(const input::DockerListed& said, base::TimePoint now, Effects effects);
  void inspected(const input::Inspected& said, base::TimePoint now, Effects effects);
  void tick(base::TimePoint now, Effects effects);
  void reload(base::TimePoint now, Effects effects);

  // An earlier life of this agent saw the running container's stop. How long ago is not known: it has its whole time.
  void inherit_stop(const std::string& id, int signal, base::TimePoint now);

  // When tick() is due; nothing while an answer is awaited.
  std::optional<base::TimePoint> next_wake() const;

  const std::map<std::string, ContainerRecord>& records() const { return records_; }
  const docker::Engine& engine() const { return engine_; }
  bool engine_known() const { return engine_known_; }
  bool is_connected() const { return connected_; }
  bool listed_once() const { return listed_once_; }
  // Every container of the first list has been inspected, or tried to.
  bool complete() const;
  // Why not connected, or why the last list failed; "" when all is well.
  const std::string& error() const { return error_; }
  const InventoryCounts& counts() const { return counts_; }

  // A running container by its ID, at least 12 digits of it, or its name.
  const docker::Container* find_running(std::string_view id_or_name) const;
  // Of the container with that ID prefix (12 digits are enough), or with that name.
  Fate fate_by_id(std::string_view id_prefix) const;
  Fate fate_by_name(std::string_view name) const;

 private:
  void lose(const Error& error, base::TimePoint now, Effects effects);
  void list(Effects effects);
  void inspect_due(base::TimePoint now, Effects effects);
  void connect(Effects effects);
  void want_inspect(const std::string& id, ContainerRecord& record);
  void fold_row(const docker::ContainerSummary& row, Effects effects);
  void absent(const std::set<std::string>& listed, Effects effects);
  void ended(const std::string& id, ContainerRecord& record, std::optional<int> exit_code, Effects effects);
  void killed(const std::string& id, ContainerRecord& record, const docker::Event& event, base::TimePoint now,
              Effects effects);
  void remember_kill(const docker::Event& event, base::TimePoint now);
  void judge_early_kills(const std::string& id, ContainerRecord& record, base::TimePoint now);
  bool is_repeated(const docker::Event& event) const;
  bool is_history(const docker::Event& event) const;
  void remember(const docker::Event& event);
  base::Duration age_of(const docker::Event& event, base::TimePoint now) const;
  void survived(const std::string& id, ContainerRecord& record, base::TimePoint now, Effects effects);
  void stops_due(base::TimePoint now);
  bool keeps(int exit_code) const;
  Fate unknown_fate() const;

  AgentOptions options_;
  policy::Random random_;
  std::map<std::string, ContainerRecord> records_;  // by full ID
  std::deque<std::string> due_;                     // records with due set, oldest first
  std::map<std::string, base::TimePoint> stops_;    // containers told to stop, until when they should have ended
  // Signals told of containers that had not been inspected yet, or of the time before this connection, by ID: judged
  // by the inspect.
  struct EarlyKill {
    int signal;
    std::int64_t time_nano;  // 0 = not told
    base::TimePoint at;      // when, by our clock
  };
  std::map<std::string, std::vector<EarlyKill>> early_kills_;
  // How far the engine's events are known: of the last one its time, and who else was told of at that very moment.
  struct Heard {
    std::int64_t time_nano = 0;
    std::set<std::string> events;
  };
  Heard heard_;
  Heard since_;                 // heard_ when this connection was asked for: there its events begin
  std::size_t inspecting_ = 0;  // in flight, those whose answer no longer counts included
  docker::Engine engine_;
  InventoryCounts counts_;
  std::uint64_t session_ = 0;
  std::uint64_t tickets_ = 0;
  std::uint64_t news_ = 0;
  std::uint64_t list_ticket_ = 0;  // of the list in flight, 0 = none
  std::uint64_t list_news_ = 0;    // news number when it was asked for
  bool inspect_all_ = true;        // the next list leads to inspecting all of it
  bool engine_known_ = false;
  bool connecting_ = false;
  bool connected_ = false;
  bool listed_ = false;  // in this connection
  bool listed_once_ = false;
  std::string error_;         // why not connected, or why the last list failed
  std::string logged_error_;  // one line per outage
  std::vector<std::string> logged_refusals_;
  policy::Backoff backoff_{std::chrono::milliseconds(100), std::chrono::seconds(5)};
  base::TimePoint retry_at_{};
  base::TimePoint connected_at_{};
  base::TimePoint list_at_ = base::TimePoint::max();
};

}  // namespace longshore::agent
