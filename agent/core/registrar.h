// Writing to the Consul agent: brings what is registered to what containers ask for, one operation per service ID at
// a time, the newest wish wins, each failing on its own. Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/core/consul_link.h"
#include "agent/core/diff.h"
#include "agent/core/inventory.h"
#include "agent/core/messages.h"
#include "agent/core/owner_lock.h"
#include "common/policy/backoff.h"

namespace longshore::agent {

struct Operation {
  enum class Stage { idle, registering, withdrawing, deregistering, forgetting, maintaining, releasing };
  Stage stage = Stage::idle;
  bool noted = false;  // this leaving has had its withdrawal note, or a try at one
  consul::Registration sent;
  std::string reason;
  base::TimePoint not_before{};
  policy::Backoff backoff{std::chrono::milliseconds(250), std::chrono::seconds(30)};
  std::string error;  // of the last try
  Errc code{};
};

struct RegistrarCounts {
  std::uint64_t reconciles = 0;  // complete reads of Consul that were compared with the wishes
  std::uint64_t registrations = 0;
  std::uint64_t registration_failures = 0;
  std::uint64_t deregistrations = 0;
  std::uint64_t deregistration_failures = 0;
  std::uint64_t withdrawals = 0;
  std::uint64_t withdrawal_failures = 0;
  std::uint64_t maintenances = 0;  // services taken out by maintenance
  std::uint64_t releases = 0;      // and put back
  std::uint64_t maintenance_failures = 0;
  // Differences found by reading Consul that no change of ours explains: somebody else's doing, or a loss.
  std::uint64_t corrections = 0;
};

// One service that a container asks for, and why it must not get traffic now.
struct Wish {
  consul::Registration service;
  std::optional<Withhold> withhold;
  bool operator==(const Wish&) const = default;
};

class Registrar {
 public:
  static constexpr std::size_t kOperationsAtOnce = 16;
  // A note outlives the hold of every renderer, even of one that was cut off for a while.
  static constexpr base::Duration kNoteKept = std::chrono::minutes(10);

  Registrar(const AgentOptions& options, std::uint64_t seed);

  void configure(const AgentOptions& options) { options_ = options; }

  // What one container asks for; replaces what it asked for before. started_at decides between two containers
  // that claim one ID: the later start has it.
  void want(const std::string& container, const std::string& started_at, std::vector<Wish> wishes,
            const ConsulLink& link);
  void forget(const std::string& container, const ConsulLink& link);

  // Running containers, by ID with their names, of which it is not known yet what they ask for: their entries stay.
  void hold(const std::map<std::string, std::string>& containers) { held_ = containers; }

  void registered(const input::Registered& said, ConsulLink& link, base::TimePoint now, Actions& out);
  void withdrawn(const input::Withdrawn& said, base::TimePoint now, Actions& out);
  void deregistered(const input::Deregistered& said, ConsulLink& link, base::TimePoint now, Actions& out);
  void forgotten(const input::WithdrawalForgotten& said);
  void maintenance_set(const input::MaintenanceSet& said, ConsulLink& link, base::TimePoint now, Actions& out);
  // The agent listed the service, but not as we left it (a check of it is lost): write it again.
  void renew(const std::string& id, const std::string& why, ConsulLink& link);
  // The catalog lost this node: everything that stands is told anew, maintenance first.
  void announce(const std::string& why);
  // The agent ends: every service of ours leaves.
  void leave(const Withhold& how);
  void withdrawals_loaded(const input::WithdrawalsLoaded& said, base::TimePoint now);

  // Everything must be looked at again: another list, another read (from_consul), another identity.
  void recheck(const ConsulLink& link, bool from_consul = false);
  // It is known anew who of the other owners is alive.
  void recheck_rivals();
  // After an outage: what failed because of it is tried at once.
  void forgive(base::TimePoint now);

  struct World {
    const Inventory& inventory;
    const Identity& identity;
    const std::string& node;
    const OwnerLock& lock;
    bool may_join = false;  // until then nothing new is registered
    bool stopping = false;  // nothing new; only leavings that are half done, or those of leave()
  };
  void settle(const World& world, ConsulLink& link, base::TimePoint now, Actions& out);
  // Only while writing is possible: nothing is due before that.
  std::optional<base::TimePoint> next_wake() const;

  std::size_t in_flight() const { return in_flight_; }
  // IDs that still differ from what is wanted and have not been tried.
  std::size_t untried() const { return dirty_.size(); }
  const std::map<std::string, Operation>& operations() const { return operations_; }
  const RegistrarCounts& counts() const { return counts_; }
  // IDs that are wanted and listed.
  const std::set<std::string>& standing() const { return standing_; }
  // Entries of other owners stand in our way, or look like ours: who of them is alive must be known.
  bool has_rivals() const { return !rivals_.empty(); }
  // Of an entry with an ID that a container asks for it is not known yet whether its owner is alive.
  bool awaits_owners(const OwnerLock& lock) const;
  // The owner of the entry that has this ID of ours, "" when nobody else has.
  std::string rival(const std::string& id) const;
  // Why the service is withheld, nullptr when it is not.
  const Withhold* withheld(const std::string& id) const;
  // The container whose wish for that ID counts, "" when nobody wants it.
  std::string claimant(const std::string& id) const;

 private:
  struct Claim {
    std::string started_at;
    Wish wish;
  };
  const Claim* winner(const std::string& id) const;
  void mark(const std::string& id);
  void changed(const std::string& id);
  void mark_entries_of(const std::string& container, const ConsulLink& link);
  void act(const std::string& id, const World& world, ConsulLink& link, base::TimePoint now, Actions& out);
  void obey(const std::string& id, const Step& step, const Claim* claim, const consul::Service* actual,
            const World& world, ConsulLink& link, Actions& out);
  bool waits(const std::string& id, const Step& step, const Claim* claim, const consul::Service* actual,
             const World& world, base::TimePoint now, Actions& out);
  void tidy(const std::string& id, const consul::Service* actual, const World& world, ConsulLink& link,
            base::TimePoint now, Actions& out);
  Fate fate_of(const consul::Service& entry, const World& world, const ConsulLink& link) const;
  bool settled(const std::string& container, const ConsulLink& link) const;
  void begin(Operation& operation, Operation::Stage stage, const std::string& id, ConsulLink& link);
  Operation& finish(const std::string& id);
  void retry(const std::string& id, Operation& operation, const Error& error, std::string_view event,
             base::TimePoint now, Actions& out);

  AgentOptions options_;
  policy::Random random_;
  std::map<std::string, std::map<std::string, Claim>> claims_;  // ID -> container -> claim
  std::map<std::string, std::set<std::string>> wanted_;         // container -> IDs
  std::map<std::string, Operation> operations_;                 // those under way or failing
  std::deque<std::string> dirty_;
  std::set<std::string> is_dirty_;
  std::map<std::string, std::string> held_;
  std::set<std::string> standing_;
  std::map<std::string, base::TimePoint> notes_;     // withdrawal notes that we left in KV
  std::string note_error_;                           // the last one logged
  std::map<std::string, base::TimePoint> suspects_;  // entries that only look like ours, since when
  std::map<std::string, std::string> rivals_;        // IDs whose entry another owner has
  std::set<std::string> conflicts_;                  // of those, the ones that were logged
  std::map<std::string, std::string> again_;         // IDs to be written although nothing differs, and why
  std::set<std::string> read_;                       // marked by a read of Consul, not by a wish
  std::optional<Withhold> leaving_;
  std::size_t in_flight_ = 0;
  base::TimePoint settled_at_{};
  RegistrarCounts counts_;
};

}  // namespace longshore::agent
