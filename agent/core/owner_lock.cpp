#include "agent/core/owner_lock.h"

#include <algorithm>
#include <utility>

#include "agent/core/ownership.h"

namespace longshore::agent {

OwnerLock::OwnerLock(std::uint64_t seed) : random_(seed) {}

void OwnerLock::identify(const std::string& node, const std::string& owner, Actions& out) {
  if (node == node_ && owner == owner_) return;
  leave(out);
  node_ = node;
  owner_ = owner;
  state_ = State::unknown;
  ticket_ = 0;
  due_ = {};
  owners_known_ = false;
  owners_at_ = {};
}

void OwnerLock::ask(Actions& out) {
  ticket_ = ++tickets_;
  out.push_back(action::LockOwner{ticket_, node_, owner_, session_});
}

void OwnerLock::locked(const input::OwnerLocked& said, base::TimePoint now, Actions& out) {
  if (said.ticket != ticket_ || ticket_ == 0) return;
  ticket_ = 0;
  if (!said.answer) {
    // Who saw another one alive goes on watching.
    if (state_ != State::taken) state_ = State::unavailable;
    session_.clear();
    due_ = now + backoff_.next(random_.chance());
    const Error& error = said.answer.error();
    if (error.text != logged_ && error.code != Errc::unreachable)
      out.push_back(base::LogLine{base::Level::warn,
                                  "owner_lock_unavailable",
                                  {{"error", error.text}, {"effect", "a second agent would not be noticed"}}});
    logged_ = error.text;
    return;
  }
  backoff_.reset();
  logged_.clear();
  session_ = said.answer->session;
  if (said.answer->held) {
    if (state_ == State::taken)
      out.push_back(base::LogLine{base::Level::info, "owner_free", {{"owner", owner_}, {"was", holder_}}});
    state_ = State::held;
    holder_.clear();
    due_ = now + kRenewEvery;
    return;
  }
  if (state_ != State::taken || holder_ != said.answer->holder)
    out.push_back(
        base::LogLine{base::Level::error,
                      "owner_taken",
                      {{"owner", owner_},
                       {"holder", said.answer->holder},
                       {"effect", "this agent only watches"},
                       {"fix", "stop one of the two, or give each a state directory of its own (-state-dir)"}}});
  state_ = State::taken;
  holder_ = said.answer->holder;
  due_ = now + kTryAgain;
}

void OwnerLock::renewed(const input::SessionRenewed& said, base::TimePoint now, Actions& out) {
  if (said.ticket != ticket_ || ticket_ == 0) return;
  ticket_ = 0;
  if (said.status) {
    ++renewals_;
    due_ = now + kRenewEvery;
    return;
  }
  if (said.status.error().code == Errc::not_found) {
    // It lapsed while we slept, or Consul lost it. Whether somebody else was quicker is seen at once.
    session_.clear();
    return ask(out);
  }
  due_ = now + std::chrono::seconds(1);
}

void OwnerLock::owners_loaded(const input::OwnersLoaded& said, base::TimePoint now) {
  loading_owners_ = false;
  owners_at_ = now + kOwnersEvery;
  owners_known_ = true;
  if (said.alive) alive_ = *said.alive;
  // Without the right to read them nobody can be protected; another failure leaves what was known before.
  if (!said.alive && said.alive.error().code == Errc::rejected) alive_.clear();
  if (said.alive || said.alive.error().code == Errc::rejected) return owners_backoff_.reset();
  // Entries that a dead owner left must not wait longer than the trouble lasts.
  owners_known_ = false;
  owners_at_ = now + owners_backoff_.next(random_.chance());
}

void OwnerLock::tick(bool rivals, base::TimePoint now, Actions& out) {
  if (owner_.empty()) return;
  if (ticket_ == 0 && due_ <= now) {
    if (state_ == State::held) {
      ticket_ = ++tickets_;
      out.push_back(action::RenewSession{ticket_, session_});
    } else {
      ask(out);
    }
  }
  if (rivals && !loading_owners_ && owners_at_ <= now) {
    loading_owners_ = true;
    out.push_back(action::LoadOwners{node_});
  }
}

std::optional<base::TimePoint> OwnerLock::next_wake(bool rivals) const {
  if (owner_.empty()) return std::nullopt;
  std::optional<base::TimePoint> wake;
  if (ticket_ == 0) wake = due_;
  if (rivals && !loading_owners_) wake = wake ? std::min(*wake, owners_at_) : owners_at_;
  return wake;
}

void OwnerLock::leave(Actions& out) {
  if (!session_.empty()) out.push_back(action::EndSession{std::exchange(session_, {})});
}

std::optional<bool> OwnerLock::alive(const std::string& owner) const {
  if (!owners_known_) return std::nullopt;
  return alive_.contains(owner_key(owner));
}

}  // namespace longshore::agent
