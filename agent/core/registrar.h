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
#include "common/policy/backoff.h"

namespace longshore::agent {

struct Operation {
  enum class Stage { idle, registering, withdrawing, deregistering, forgetting };
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
  std::uint64_t registrations = 0;
  std::uint64_t registration_failures = 0;
  std::uint64_t deregistrations = 0;
  std::uint64_t deregistration_failures = 0;
  std::uint64_t withdrawals = 0;
  std::uint64_t withdrawal_failures = 0;
};

class Registrar {
 public:
  static constexpr std::size_t kOperationsAtOnce = 16;
  // A note outlives the hold of every renderer, even of one that was cut off for a while.
  static constexpr base::Duration kNoteKept = std::chrono::minutes(10);

  Registrar(const AgentOptions& options, std::uint64_t seed);

  // What one container asks for; replaces what it asked for before. started_at decides between two containers
  // that claim one ID: the later start has it.
  void want(const std::string& container, const std::string& started_at, std::vector<consul::Registration> services,
            const ConsulLink& link);
  void forget(const std::string& container, const ConsulLink& link);

  // Running containers, by ID with their names, of which it is not known yet what they ask for: their entries stay.
  void hold(const std::map<std::string, std::string>& containers) { held_ = containers; }

  void registered(const input::Registered& said, ConsulLink& link, base::TimePoint now, Actions& out);
  void withdrawn(const input::Withdrawn& said, base::TimePoint now, Actions& out);
  void deregistered(const input::Deregistered& said, ConsulLink& link, base::TimePoint now, Actions& out);
  void forgotten(const input::WithdrawalForgotten& said);
  void withdrawals_loaded(const input::WithdrawalsLoaded& said, base::TimePoint now);

  // Everything must be looked at again: another list, another read, another identity.
  void recheck(const ConsulLink& link);
  // After an outage: what failed because of it is tried at once.
  void forgive(base::TimePoint now);

  struct World {
    const Inventory& inventory;
    const Identity& identity;
    const std::string& node;
    bool stopping = false;  // nothing new; only leavings that are half done
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
  // The container whose wish for that ID counts, "" when nobody wants it.
  std::string claimant(const std::string& id) const;

 private:
  struct Claim {
    std::string started_at;
    consul::Registration service;
  };
  const Claim* winner(const std::string& id) const;
  void mark(const std::string& id);
  void changed(const std::string& id);
  void mark_entries_of(const std::string& container, const ConsulLink& link);
  void act(const std::string& id, const World& world, ConsulLink& link, base::TimePoint now, Actions& out);
  Fate fate_of(const consul::Service& entry, const World& world) const;
  void begin(Operation& operation, Operation::Stage stage, const std::string& id, ConsulLink& link);
  Operation& finish(const std::string& id);
  void retry(const std::string& id, Operation& operation, const Error& error, std::string_view event,
             base::TimePoint now, Actions& out);

  const AgentOptions options_;
  policy::Random random_;
  std::map<std::string, std::map<std::string, Claim>> claims_;  // ID -> container -> claim
  std::map<std::string, std::set<std::string>> wanted_;         // container -> IDs
  std::map<std::string, Operation> operations_;                 // those under way or failing
  std::deque<std::string> dirty_;
  std::set<std::string> is_dirty_;
  std::map<std::string, std::string> held_;
  std::set<std::string> standing_;
  std::map<std::string, base::TimePoint> notes_;  // withdrawal notes that we left in KV
  std::string note_error_;                        // the last one logged
  std::size_t in_flight_ = 0;
  RegistrarCounts counts_;
};

}  // namespace longshore::agent
