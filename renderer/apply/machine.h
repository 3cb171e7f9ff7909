// One group in the course of time: step(input, now) -> actions. Total, deterministic, no I/O, no clock.
//
//   idle -> staging -> [checking] -> swapping -> [signalling -> [confirming]] -> idle
//                         | no                        | no        | no
//                         v                           v           v
//                hunting or refused             restoring -> resignalling -> idle, tried again with backoff
//
// Rules:
// - The newest texts count: what changes while a transaction runs waits for its end and then goes as one.
// - Live files are touched by Swap and Restore only, and both are all or nothing, also across kill -9.
// - A tree that the check refuses never lives. With quarantine what spoils it is left out and the rest goes on.
// - Who was to be told and was not is told again, also by the next process.
#pragma once
#include <map>
#include <set>

#include "common/policy/backoff.h"
#include "common/policy/debounce.h"
#include "renderer/apply/complaint.h"
#include "renderer/apply/hunt.h"
#include "renderer/apply/messages.h"
#include "renderer/apply/spec.h"
#include "renderer/core/seen.h"

namespace longshore::render::apply {

class GroupMachine {
 public:
  enum class State : std::uint8_t {
    recovering,
    idle,
    staging,
    checking,
    swapping,
    signalling,
    confirming,
    restoring,
    resignalling
  };
  // A part of a file, or a whole one, that is left out because it spoils the tree.
  struct Quarantined {
    std::size_t index = 0;
    std::string section = {};  // "" = the file
    std::uint64_t hash = 0;    // of the text that was refused: another one is tried at once
    std::string problem = {};
    base::TimePoint since{};
  };
  struct Counters {
    std::uint64_t applied = 0;  // transactions that changed files
    std::uint64_t refused = 0;  // by the check
    std::uint64_t restored = 0;
    std::uint64_t held_by_budget = 0;
    // Runs of the check, also those that look for the part that spoils the tree.
    std::uint64_t checks_passed = 0, checks_refused = 0, checks_broken = 0;  // broken: it could not be run
    std::uint64_t confirmed = 0, unconfirmed = 0;  // reloads whose new workers answered, or did not in time
    std::uint64_t turns = 0, without_turn = 0;     // changes that had their turn in the fleet, or went without
  };

  explicit GroupMachine(GroupSpec spec);

  Actions start();
  void configure(GroupSpec spec);
  // The newest text of a template, complete; and that a template is not in the group any more.
  // chance, 0 to 1: of the splay.
  void want(Part part, base::TimePoint now, double chance = 0.5);
  void drop(std::size_t index);
  // A template's data is not complete: the others wait for it, a while.
  void wait_for(std::size_t index, base::TimePoint now);
  void wait_no_more(std::size_t index) { awaited_.erase(index); }
  Actions step(Input input, base::TimePoint now, double chance);
  // We end: nothing is begun any more.
  void close() { closing_ = true; }
  // Starts what is due.
  Actions tick(base::TimePoint now);
  std::optional<base::TimePoint> next_due(base::TimePoint now) const;

  const GroupSpec& spec() const { return spec_; }
  State state() const { return state_; }
  // Another load balancer is waited for.
  bool waits_for_turn() const { return turn_ == Turn::asked && state_ == State::idle; }
  bool has_turn() const { return turn_ != Turn::none; }
  // Nothing is under way and nothing waits but what has failed already.
  bool quiet() const;
  const std::string& problem() const { return problem_; }
  const std::vector<Quarantined>& quarantined() const { return quarantined_; }
  std::uint64_t generation() const { return generation_; }
  std::optional<base::TimePoint> applied_at() const { return applied_at_; }
  std::optional<base::TimePoint> settled_at() const { return settled_at_; }
  const Counters& counters() const { return counters_; }
  const Budget& budget() const { return budget_; }
  std::size_t old_requests() const { return old_requests_; }
  // What its files were made of, as far as those who serve have them.
  const Progress& progress() const { return progress_; }
  // Of what settled().
  std::uint64_t settled_generation() const { return settled_generation_; }
  // Somebody is to be told of files that have changed.
  bool owed() const { return owed_; }
  // The followup's outcome is to be confirmed.
  bool to_confirm() const { return spec_.confirm && state_ == State::signalling; }
  // What a server block that tells the generation says now.
  std::string token() const { return spec_.name + " " + epoch_ + "-" + std::to_string(generation_); }
  // Tells this process's generations from those of another one.
  void set_epoch(std::string epoch) { epoch_ = std::move(epoch); }

 private:
  struct Wanted {
    Part part;
    bool dirty = false;
    bool removal = false;  // addresses vanished from its text
  };
  struct Unit {
    std::size_t index = 0;
    std::string section = {};
    std::uint64_t hash = 0;
  };

  void on(input::Recovered& told, base::TimePoint now);
  void on(input::Staged& told, base::TimePoint now);
  void on(input::Checked& told, base::TimePoint now);
  void on(input::Swapped& told, base::TimePoint now);
  void on(input::Restored& told, base::TimePoint now);
  void on(input::Told& told, base::TimePoint now);
  void on(input::Confirmed& told, base::TimePoint now);
  void on(input::Settled& told, base::TimePoint now);
  void on(input::Turn& told, base::TimePoint now);

  // machine_turn.cpp
  bool needs_turn() const;
  void ask_for_turn(base::TimePoint now);
  void begin_with_turn(base::TimePoint now);
  void without_turn(const std::string& reason);
  void leave_turn();

  std::optional<base::TimePoint> due(base::TimePoint now) const;
  void begin(base::TimePoint now);
  void stage();
  void go_idle(State state = State::idle) { state_ = state; }
  void ask_for_check();
  void tell();
  void give_up(base::TimePoint now, std::string problem);
  void undo(std::string problem, base::TimePoint now);

  // machine_quarantine.cpp
  void refused(input::Checked& told, base::TimePoint now);
  void start_hunt(const Complaint& complaint);
  void hunt_on(bool good, const Complaint& complaint, base::TimePoint now);
  void adopt_quarantine(base::TimePoint now);
  Complaint read_complaint(const std::string& output) const;
  std::optional<std::size_t> suspect_of(const Complaint& complaint) const;
  void report(const char* event, base::Level level, const Complaint& complaint);
  std::vector<Part> composed(const std::vector<Unit>& left_out) const;
  std::vector<Unit> left_out() const;

  void note_live();
  void note_applied(base::TimePoint now, bool seen);
  void note_settled();

  void say(base::Level level, std::string event, std::vector<std::pair<std::string, std::string>> fields);
  template <class Wanted>
  void act(Wanted wanted) {
    actions_.emplace_back(std::move(wanted));
  }

  GroupSpec spec_;
  State state_ = State::recovering;
  std::string epoch_ = "0";
  std::uint64_t generation_ = 0;
  std::map<std::size_t, Wanted> wanted_;
  std::map<std::size_t, base::TimePoint> awaited_;
  std::vector<Part> running_;                // texts of the transaction, before anything was left out
  std::vector<Part> staged_;                 // what was sent to be staged
  std::map<std::size_t, FilePlan> changed_;  // of the staged ones
  std::map<std::size_t, Text> live_;         // files before the transaction; without quarantine not known
  std::optional<Hunt> hunt_;
  std::vector<Unit> units_;  // what the hunt is about
  std::string hunted_;       // the complaint that began it
  std::vector<std::string> unit_problems_;
  std::vector<Quarantined> quarantined_;
  std::optional<base::TimePoint> heal_at_;
  bool healing_ = false;  // this transaction tries what was quarantined
  policy::Backoff heal_backoff_{std::chrono::seconds(10), std::chrono::minutes(5)};
  policy::Debounce quiet_{{}, {}};
  Budget budget_;
  bool held_ = false;  // by the budget; counted once per change
  enum class Turn : std::uint8_t { none, asked, given, without };
  Turn turn_ = Turn::none;
  base::TimePoint asked_at_{};
  bool begun_ = false;  // since the turn was asked for
  std::optional<base::TimePoint> splayed_until_;
  policy::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(60)};
  std::optional<base::TimePoint> retry_at_;
  bool owed_ = false;
  bool applied_once_ = false;
  int told_in_vain_ = 0;
  std::optional<base::TimePoint> diagnose_at_;  // while it is not confirmed
  bool closing_ = false;
  std::string problem_;
  std::string said_;  // the complaint that was logged last
  Counters counters_;
  std::optional<base::TimePoint> applied_at_, settled_at_;
  std::size_t old_requests_ = 0;
  Progress progress_;
  bool settling_ = false;                     // older workers may still accept
  std::optional<base::TimePoint> settle_at_;  // nobody can be looked at: they are taken for gone then
  std::uint64_t settled_generation_ = 0;
  double chance_ = 0.5;
  Actions actions_;
};

const char* to_string(GroupMachine::State state);

}  // namespace longshore::render::apply
