// When a group begins: quiet, budget, splay, and its turn among the load balancers of a fleet.
#include <algorithm>

#include "renderer/apply/machine.h"
#include "renderer/apply/removal.h"

namespace longshore::render::apply {
namespace {

// How long complete templates wait for one whose data is not there: it may never come.
constexpr base::Duration kAwaited = std::chrono::seconds(1);

}  // namespace

void GroupMachine::want(Part part, base::TimePoint now, double chance) {
  awaited_.erase(part.index);
  const auto known = wanted_.find(part.index);
  const bool same =
      known != wanted_.end() && *known->second.part.text == *part.text && known->second.part.extra == part.extra;
  const bool first = known == wanted_.end();
  Wanted& wanted = wanted_[part.index];
  if (!first && !same) {
    wanted.removal = wanted.removal || loses_addresses(*wanted.part.text, *part.text);
    retry_at_.reset();
    held_ = false;
  }
  wanted.part = std::move(part);
  // The same text is compared with its file too: somebody else may have written there.
  wanted.dirty = true;
  if (same) return;
  quiet_.changed(now);
  if (!first && !splayed_until_ && spec_.turn.splay.count() > 0)
    splayed_until_ = now + std::chrono::duration_cast<base::Duration>(spec_.turn.splay * chance);
}

std::optional<base::TimePoint> GroupMachine::due(base::TimePoint now) const {
  if (closing_) return std::nullopt;
  const bool open = state_ == State::idle || (state_ == State::signalling && told_in_vain_ > 0);
  if (!open) return std::nullopt;
  base::TimePoint at = base::TimePoint::min();
  bool dirty = false, removal = false;
  for (const auto& [index, wanted] : wanted_) {
    dirty = dirty || wanted.dirty;
    removal = removal || wanted.removal;
  }
  if (!dirty) return heal_at_;
  for (const auto& [index, since] : awaited_) {
    // A template that never had a file is part of what the group needs; one that had keeps it meanwhile.
    if (!wanted_.contains(index) && !spec_.implicit) return std::nullopt;
    at = std::max(at, since + kAwaited);
  }
  if (retry_at_) at = std::max(at, *retry_at_);
  if (splayed_until_ && !removal) at = std::max(at, *splayed_until_);
  if (applied_once_ && quiet_.due()) at = std::max(at, *quiet_.due());
  if (at <= now && applied_once_ && spec_.tell) at = std::max(at, budget_.ready_at(now, removal));
  if (turn_ == Turn::asked && !removal) at = std::max(at, asked_at_ + spec_.turn.patience);
  return at;
}

std::optional<base::TimePoint> GroupMachine::next_due(base::TimePoint now) const {
  const auto at = state_ == State::confirming ? diagnose_at_ : due(now);
  return settle_at_ && (!at || *settle_at_ < *at) ? settle_at_ : at;
}

Actions GroupMachine::tick(base::TimePoint now) {
  if (state_ == State::confirming && diagnose_at_ && *diagnose_at_ <= now) {
    diagnose_at_.reset();
    act(action::Diagnose{spec_.check, spec_.check_timeout});
  }
  if (settle_at_ && *settle_at_ <= now) note_settled();
  const auto at = due(now);
  if (at && *at <= now) {
    if (needs_turn())
      ask_for_turn(now);
    else
      begin_with_turn(now);
  } else if (at && retry_at_ == std::nullopt && !held_ && applied_once_ && spec_.tell &&
             budget_.ready_at(now, false) > now) {
    held_ = true;
    ++counters_.held_by_budget;
  }
  leave_turn();
  return std::exchange(actions_, {});
}

// ---- the turn

// The first files, and what takes addresses away, wait for nobody.
bool GroupMachine::needs_turn() const {
  if (spec_.turn.semaphore.empty() || !spec_.tell || !applied_once_ || turn_ != Turn::none) return false;
  const auto dirty = [](const auto& one) { return one.second.dirty; };
  const auto removal = [](const auto& one) { return one.second.removal; };
  return std::ranges::any_of(wanted_, dirty) && std::ranges::none_of(wanted_, removal);
}

void GroupMachine::ask_for_turn(base::TimePoint now) {
  turn_ = Turn::asked;
  retry_at_.reset();
  asked_at_ = now;
  begun_ = false;
  act(action::TakeTurn{spec_.turn.semaphore, spec_.turn.limit});
}

void GroupMachine::begin_with_turn(base::TimePoint now) {
  if (turn_ == Turn::asked && asked_at_ + spec_.turn.patience <= now)
    without_turn("none within " + base::format_duration(spec_.turn.patience));
  begin(now);
}

void GroupMachine::without_turn(const std::string& reason) {
  turn_ = Turn::without;
  ++counters_.without_turn;
  say(base::Level::warn, "turn_not_given",
      {{"semaphore", spec_.turn.semaphore}, {"reason", reason}, {"effect", "the change is applied all the same"}});
}

void GroupMachine::on(input::Turn& told, base::TimePoint) {
  if (turn_ != Turn::asked) return;
  if (!told.status) return without_turn(told.status.error().text);
  turn_ = Turn::given;
  ++counters_.turns;
}

// After the change, and while it can only be tried again later: others are not to wait for that.
void GroupMachine::leave_turn() {
  if (turn_ == Turn::none) return;
  const bool in_vain = told_in_vain_ > 0;
  const bool at_rest = state_ == State::idle ? !owed_ || in_vain || retry_at_ : state_ == State::signalling && in_vain;
  const auto dirty = [](const auto& one) { return one.second.dirty; };
  if (!at_rest || (!begun_ && !retry_at_ && std::ranges::any_of(wanted_, dirty))) return;
  turn_ = Turn::none;
  act(action::LeaveTurn{});
}

}  // namespace longshore::render::apply
