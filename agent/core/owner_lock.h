// One live agent per owner: a key below agents/<node>/ that a Consul session holds. The second agent with the same
// owner (a copied state directory, a second start by mistake) only watches, and says so. Whoever's key is held is
// alive: its entries are not ours to take or to remove. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "agent/core/messages.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"

namespace longshore::agent {

class OwnerLock {
 public:
  // Consul ends a session up to twice its TTL after the last renewal. 10 s is its least.
  static constexpr base::Duration kSessionTtl = std::chrono::seconds(15);
  static constexpr base::Duration kRenewEvery = std::chrono::seconds(5);
  static constexpr base::Duration kTryAgain = std::chrono::seconds(5);
  // Who waits for another one's end waits this much longer.
  static constexpr base::Duration kOwnersEvery = std::chrono::seconds(3);

  enum class State {
    unknown,      // asked, no answer yet: nothing is written
    held,         // ours
    taken,        // another live agent's: nothing is written
    unavailable,  // Consul grants no sessions or keys (no leader, no permission): we write, as without a lock
  };

  explicit OwnerLock(std::uint64_t seed);

  // Another identity: the former session goes, and with it the former owner's key, so that what that owner left is
  // nobody's.
  void identify(const std::string& node, const std::string& owner, Actions& out);
  void locked(const input::OwnerLocked& said, base::TimePoint now, Actions& out);
  void renewed(const input::SessionRenewed& said, base::TimePoint now, Actions& out);
  void owners_loaded(const input::OwnersLoaded& said, base::TimePoint now);
  // rivals: somebody needs to know which other owners are alive.
  void tick(bool rivals, base::TimePoint now, Actions& out);
  std::optional<base::TimePoint> next_wake(bool rivals) const;
  // Gives the session back, and with it the key.
  void leave(Actions& out);

  State state() const { return state_; }
  bool may_write() const { return state_ == State::held || state_ == State::unavailable; }
  const std::string& holder() const { return holder_; }  // taken: what the other one says of itself
  const std::string& session() const { return session_; }
  // Is that owner's key held by somebody? Nothing while unknown. When owners cannot be read nobody is.
  std::optional<bool> alive(const std::string& owner) const;
  std::uint64_t renewals() const { return renewals_; }

 private:
  void ask(Actions& out);

  policy::Random random_;
  std::string node_;
  std::string owner_;
  State state_ = State::unknown;
  std::string session_;
  std::string holder_;
  std::string logged_;
  std::uint64_t ticket_ = 0;  // of the call in flight, 0 = none
  std::uint64_t tickets_ = 0;
  base::TimePoint due_{};
  policy::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(30)};
  bool owners_known_ = false;
  bool loading_owners_ = false;
  base::TimePoint owners_at_{};
  policy::Backoff owners_backoff_{std::chrono::milliseconds(250), std::chrono::seconds(10)};
  std::set<std::string> alive_;  // owner_key()s
  std::uint64_t renewals_ = 0;
};

}  // namespace longshore::agent
