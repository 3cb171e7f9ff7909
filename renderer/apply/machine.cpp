#include "renderer/apply/machine.h"

#include <algorithm>

#include "renderer/apply/generation_file.h"

namespace longshore::render::apply {
namespace {

using Kind = action::Outcome::Kind;

// A command that fails so often in a row had files that do not work.
constexpr int kToldInVain = 2;
// New workers mostly answer within 10 ms; after this long the reason is looked for.
constexpr base::Duration kDiagnoseAfter = std::chrono::milliseconds(300);

}  // namespace

const char* to_string(GroupMachine::State state) {
  constexpr const char* kNames[] = {"recovering", "idle",       "staging",   "checking",    "swapping",
                                    "signalling", "confirming", "restoring", "resignalling"};
  return kNames[static_cast<std::size_t>(state)];
}

GroupMachine::GroupMachine(GroupSpec spec) : budget_(spec.budget) {
  configure(std::move(spec));
}

void GroupMachine::configure(GroupSpec spec) {
  spec_ = std::move(spec);
  quiet_ = policy::Debounce(spec_.wait.min, spec_.wait.max);
  budget_.configure(spec_.budget);
}

Actions GroupMachine::start() {
  act(action::Recover{});
  return std::exchange(actions_, {});
}

void GroupMachine::drop(std::size_t index) {
  wanted_.erase(index);
  awaited_.erase(index);
  progress_.drop(index);
  std::erase_if(quarantined_, [&](const Quarantined& one) { return one.index == index; });
}

void GroupMachine::wait_for(std::size_t index, base::TimePoint now) {
  awaited_.try_emplace(index, now);
}

bool GroupMachine::quiet() const {
  if (state_ == State::signalling && told_in_vain_ > 0) return true;
  if (state_ != State::idle) return false;
  if (closing_) return true;
  const bool dirty = std::ranges::any_of(wanted_, [](const auto& one) { return one.second.dirty; });
  return !dirty || retry_at_.has_value();
}

Actions GroupMachine::step(Input input, base::TimePoint now, double chance) {
  chance_ = chance;
  std::visit([&](auto& told) { on(told, now); }, input);
  return tick(now);
}

// ---- the transaction, step by step

void GroupMachine::on(input::Recovered& told, base::TimePoint) {
  if (state_ != State::recovering) return;
  state_ = State::idle;
  if (!told.what.empty()) say(base::Level::warn, "group_recovered", {{"did", told.what}});
  if (!told.owed || !spec_.tell) {
    if (told.owed) act(action::Commit{});
    return;
  }
  owed_ = true;
  tell();
}

void GroupMachine::begin(base::TimePoint now) {
  running_.clear();
  hunt_.reset();
  held_ = false;
  retry_at_.reset();
  quiet_.acted();
  splayed_until_.reset();
  begun_ = true;
  healing_ = heal_at_ && *heal_at_ <= now;
  if (healing_) heal_at_ = now + heal_backoff_.next(chance_);
  for (auto& [index, wanted] : wanted_) {
    const bool ill = std::ranges::any_of(quarantined_, [&](const Quarantined& one) { return one.index == index; });
    if (!wanted.dirty && !(healing_ && ill)) continue;
    running_.push_back(wanted.part);
    wanted.dirty = false;
    wanted.removal = false;
  }
  ++generation_;
  staged_ = composed(healing_ ? std::vector<Unit>{} : left_out());
  stage();
}

void GroupMachine::stage() {
  std::vector<Part> parts = staged_;
  if (!spec_.generation_file.empty()) {
    Part part;
    part.index = kNoTemplate;
    part.destination = spec_.generation_file;
    part.text = std::make_shared<const std::string>(generation_block(spec_, token()));
    parts.push_back(std::move(part));
  }
  state_ = State::staging;
  act(action::Stage{std::move(parts), spec_.quarantine && spec_.checked()});
}

void GroupMachine::on(input::Staged& told, base::TimePoint now) {
  if (state_ != State::staging) return;
  changed_.clear();
  for (input::StagedPart& part : told.parts) {
    if (part.index == kNoTemplate) continue;
    if (part.live) live_[part.index] = part.live;
    if (!part.plan) {
      act(action::Outcome{part.index, Kind::failed, part.plan.error().text});
      std::erase_if(running_, [&](const Part& one) { return one.index == part.index; });
      std::erase_if(staged_, [&](const Part& one) { return one.index == part.index; });
      if (const auto wanted = wanted_.find(part.index); wanted != wanted_.end()) wanted->second.dirty = true;
      retry_at_ = now + backoff_.next(chance_);
    } else if (*part.plan != FilePlan::unchanged) {
      changed_.emplace(part.index, *part.plan);
    }
  }
  if (hunt_) return ask_for_check();
  if (!changed_.empty()) {
    if (spec_.checked()) return ask_for_check();
    state_ = State::swapping;
    return act(action::Swap{spec_.strict() || staged_.size() > 1});
  }
  for (const Part& part : staged_) act(action::Outcome{part.index, Kind::unchanged, {}});
  note_live();
  adopt_quarantine(now);
  state_ = State::idle;
  applied_once_ = true;
  // What is owed from before goes on trying by itself.
  if (!retry_at_ && !owed_) {
    problem_.clear();
    backoff_.reset();
  }
}

void GroupMachine::ask_for_check() {
  state_ = State::checking;
  act(action::Check{spec_.check, spec_.check_timeout});
}

void GroupMachine::on(input::Checked& told, base::TimePoint now) {
  ++(told.status                                      ? counters_.checks_passed
     : told.status.error().code == Errc::check_failed ? counters_.checks_refused
                                                      : counters_.checks_broken);
  if (state_ == State::confirming) {
    // The tree lives and new workers are missing: if the tree is why, there is nothing to wait for.
    if (!told.status && told.status.error().code == Errc::check_failed) {
      const Complaint complaint = read_complaint(told.output);
      ++counters_.unconfirmed;
      report("reload_not_confirmed", base::Level::error, complaint);
      undo(complaint.text, now);
    }
    return;
  }
  if (state_ != State::checking) return;
  if (hunt_) return hunt_on(told.status.has_value(), read_complaint(told.output), now);
  if (!told.status) return refused(told, now);
  state_ = State::swapping;
  act(action::Swap{spec_.strict() || changed_.size() > 1});
}

void GroupMachine::on(input::Swapped& told, base::TimePoint now) {
  if (state_ != State::swapping) return;
  if (!told.status) return give_up(now, told.status.error().text);
  ++counters_.applied;
  for (const Part& part : staged_)
    act(action::Outcome{part.index, changed_.contains(part.index) ? Kind::written : Kind::unchanged, {}});
  owed_ = spec_.tell.has_value();
  note_live();
  if (spec_.quarantine)
    for (const Part& part : staged_) live_[part.index] = part.text;
  adopt_quarantine(now);
  applied_once_ = true;
  if (quarantined_.empty()) said_.clear();
  if (!spec_.tell) {
    problem_.clear();
    backoff_.reset();
    state_ = State::idle;
    return act(action::Commit{});
  }
  budget_.spend(now);
  tell();
}

void GroupMachine::tell() {
  state_ = spec_.strict() ? State::signalling : State::idle;
  told_in_vain_ = 0;
  act(action::Tell{});
}

void GroupMachine::on(input::Told& told, base::TimePoint now) {
  if (state_ == State::resignalling) {
    owed_ = !told.status;
    state_ = State::idle;
    if (told.status) act(action::Commit{});
    return;
  }
  if (!spec_.strict()) {
    if (!told.status) {
      ++told_in_vain_;
      return;
    }
    // A transaction that is under way tells again and then is done with it.
    if (state_ == State::idle) {
      act(action::Commit{});
      note_applied(now, false);
    }
    owed_ = state_ != State::idle && owed_;
    problem_.clear();
    if (!retry_at_) backoff_.reset();
    return;
  }
  if (state_ != State::signalling && !(state_ == State::idle && owed_)) return;
  state_ = State::signalling;
  if (!told.status) {
    // Nobody is there who could be disturbed by the files: they stay, and the followup is tried again.
    const bool nobody = told.status.error().code == Errc::not_found;
    ++told_in_vain_;
    problem_ = told.status.error().text;
    if (!nobody && told_in_vain_ >= kToldInVain) undo(told.status.error().text, now);
    return;
  }
  owed_ = false;
  if (spec_.confirm) {
    state_ = State::confirming;
    diagnose_at_ = now + kDiagnoseAfter;
    return;
  }
  problem_.clear();
  backoff_.reset();
  applied_at_ = now;
  note_applied(now, false);
  state_ = State::idle;
  act(action::Commit{});
}

void GroupMachine::on(input::Confirmed& told, base::TimePoint now) {
  if (state_ != State::confirming) return;
  budget_.saw_generations(told.generations);
  if (!told.status && told.status.error().code == Errc::unreachable) {
    // Who was told has ended: whoever starts next reads the files, and is told again to be sure.
    say(base::Level::warn, "reload_not_confirmed", {{"error", told.status.error().text}});
    problem_ = told.status.error().text;
    owed_ = true;
    return tell();
  }
  if (!told.status) {
    ++counters_.unconfirmed;
    report("reload_not_confirmed", base::Level::error, Complaint{told.status.error().text, {}, 0});
    return undo(told.status.error().text, now);
  }
  ++counters_.confirmed;
  say(base::Level::info, "generation_applied",
      {{"generation", std::to_string(generation_)}, {"after", base::format_duration(told.took)}});
  problem_.clear();
  backoff_.reset();
  applied_at_ = now;
  settled_at_.reset();
  note_applied(now, true);
  state_ = State::idle;
  act(action::Commit{});
}

void GroupMachine::on(input::Settled& told, base::TimePoint now) {
  budget_.saw_generations(told.generations);
  old_requests_ = told.requests;
  if (told.ended > 0)
    say(base::Level::warn, "generations_ended",
        {{"reason", "more than " + std::to_string(spec_.budget.generations) + " generations of workers lived"},
         {"workers", std::to_string(told.ended)}});
  if (settled_at_ || !told.settled) return;
  settled_at_ = now;
  note_settled();
  say(base::Level::debug, "generation_settled",
      {{"after", base::format_duration(told.took)}, {"generations", std::to_string(told.generations)}});
}

// ---- what does not work

// Nothing lives of it; it is tried again.
void GroupMachine::give_up(base::TimePoint now, std::string problem) {
  for (const Part& part : running_) {
    if (const auto wanted = wanted_.find(part.index); wanted != wanted_.end()) wanted->second.dirty = true;
    act(action::Outcome{part.index, Kind::failed, problem});
  }
  problem_ = std::move(problem);
  retry_at_ = now + backoff_.next(chance_);
  state_ = State::idle;
}

void GroupMachine::undo(std::string problem, base::TimePoint) {
  problem_ = std::move(problem);
  ++counters_.restored;
  state_ = State::restoring;
  act(action::Restore{});
}

void GroupMachine::on(input::Restored& told, base::TimePoint now) {
  if (state_ != State::restoring) return;
  const base::Duration wait = backoff_.next(chance_);
  progress_.undo();
  for (const Part& part : running_) {
    live_.erase(part.index);
    if (const auto wanted = wanted_.find(part.index); wanted != wanted_.end()) wanted->second.dirty = true;
    act(action::Outcome{part.index, Kind::restored, problem_});
  }
  retry_at_ = now + wait;
  if (told.status) {
    say(base::Level::warn, "group_restored", {{"reason", problem_}, {"retry_in", base::format_duration(wait)}});
  } else {
    problem_ += "; " + told.status.error().text;
    say(base::Level::error, "group_not_restored", {{"error", told.status.error().text}});
  }
  owed_ = true;
  state_ = State::resignalling;
  act(action::Tell{});
}

void GroupMachine::say(base::Level level, std::string event, std::vector<std::pair<std::string, std::string>> fields) {
  fields.insert(fields.begin(), {"group", spec_.name});
  act(base::LogLine{level, std::move(event), std::move(fields)});
}

}  // namespace longshore::render::apply
