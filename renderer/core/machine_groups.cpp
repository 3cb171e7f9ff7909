// The part of the machine that lets groups have their say: texts go to them, what they want is done.
#include <algorithm>

#include "renderer/core/machine.h"

namespace longshore::render {
namespace {

using Phase = TemplateState::Phase;
using Kind = apply::action::Outcome::Kind;

}  // namespace

// Groups that are in both settings keep what they know.
void RenderMachine::make_groups(const std::vector<apply::GroupSpec>& specs) {
  std::map<std::string, apply::GroupMachine> before = std::exchange(groups_, {});
  group_order_.clear();
  for (const apply::GroupSpec& spec : specs) {
    group_order_.push_back(spec.name);
    auto known = before.extract(spec.name);
    if (known.empty()) {
      apply::GroupMachine fresh(spec);
      fresh.set_epoch(settings_.epoch);
      groups_.emplace(spec.name, std::move(fresh));
      continue;
    }
    known.mapped().configure(spec);
    groups_.insert(std::move(known));
  }
  for (const auto& [name, gone] : before)
    if (gone.has_turn()) act(action::Group{name, apply::action::LeaveTurn{}});
}

apply::GroupMachine* RenderMachine::group_of(const TemplateState& state) {
  const auto found = state.spec.group.empty() ? groups_.end() : groups_.find(state.spec.group);
  return found == groups_.end() ? nullptr : &found->second;
}

void RenderMachine::hand_over(TemplateState& state, Outcome outcome, base::TimePoint now) {
  state.phase = Phase::applying;
  apply::Part part;
  part.index = state.index;
  part.label = state.spec.label();
  part.destination = state.spec.destination;
  part.text = std::make_shared<const std::string>(std::move(outcome.text));
  part.options = state.spec.file;
  part.extra = std::move(outcome.extra_files);
  part.seen = state.seen;
  group_of(state)->want(std::move(part), now, random_.chance());
}

// After the pass: what its templates say together is one change.
void RenderMachine::tick_groups(base::TimePoint now) {
  for (const std::string& name : group_order_) obey(name, groups_.at(name).tick(now), now);
}

void RenderMachine::on(input::GroupNews& news, base::TimePoint now) {
  const auto found = groups_.find(news.group);
  if (found == groups_.end()) return;
  obey(news.group, found->second.step(std::move(news.news), now, random_.chance()), now);
  start_followup(now);
}

void RenderMachine::obey(const std::string& group, apply::Actions orders, base::TimePoint now) {
  for (apply::Action& order : orders) {
    if (auto* line = std::get_if<base::LogLine>(&order)) {
      act(std::move(*line));
    } else if (const auto* outcome = std::get_if<apply::action::Outcome>(&order)) {
      group_outcome(*outcome);
    } else if (std::holds_alternative<apply::action::Tell>(order)) {
      followups_.want(*groups_.at(group).spec().tell, now);
    } else {
      act(action::Group{group, std::move(order)});
    }
  }
}

void RenderMachine::group_outcome(const apply::action::Outcome& outcome) {
  TemplateState* state = find_template(outcome.index);
  if (state == nullptr) return;
  const auto named = [&] {
    return std::vector<std::pair<std::string, std::string>>{{"destination", state->spec.destination},
                                                            {"template", state->spec.label()}};
  };
  const bool good = outcome.kind == Kind::written || outcome.kind == Kind::unchanged;
  const bool again = !good && outcome.problem == state->problem;
  state->problem = outcome.problem;
  switch (outcome.kind) {
    case Kind::unchanged:
    case Kind::written:
      state->phase = Phase::rendered;
      state->first_done = true;
      if (outcome.kind == Kind::unchanged) return say(base::Level::debug, "file_unchanged", named());
      state->written_at = latest_;
      ++state->writes;
      ++counters_.files_written;
      // A group that signals the supervised program has told it; it is not restarted as well.
      if (const apply::GroupMachine* group = group_of(*state);
          group == nullptr || !group->spec().tell || group->spec().tell->kind != Followup::Kind::child)
        child_outdated_ = true;
      return say(base::Level::info, "file_written", named());
    case Kind::failed: {
      ++counters_.write_errors;
      state->phase = Phase::unwritten;
      auto fields = named();
      fields.pop_back();
      fields.emplace_back("error", outcome.problem);
      return say(base::Level::error, "file_write_failed", std::move(fields));
    }
    case Kind::refused:
    case Kind::restored: {
      state->phase = Phase::held_back;
      auto fields = named();
      fields.emplace_back("reason", outcome.problem);
      return say(again ? base::Level::debug : base::Level::warn,
                 outcome.kind == Kind::refused ? "file_held_back" : "file_restored", std::move(fields));
    }
  }
}

// A followup that is to run once more may not have seen the latest files: its groups wait for that run.
void RenderMachine::tell_groups(const Followup& what, const Status& status, base::TimePoint now) {
  if (status && followups_.waits(what)) return;
  for (auto& [name, group] : groups_) {
    if (!group.spec().tell || !group.spec().tell->same_as(what)) continue;
    obey(name, group.step(apply::input::Told{status}, now, random_.chance()), now);
  }
}

std::optional<action::Confirmation> RenderMachine::confirmation_for(const Followup& what) const {
  std::optional<action::Confirmation> out;
  for (const auto& [name, group] : groups_) {
    const apply::GroupSpec& spec = group.spec();
    if (!spec.tell || !spec.tell->same_as(what) || !group.to_confirm()) continue;
    if (!out) out.emplace();
    out->groups.push_back({name, spec.generation_address, group.token()});
    out->limit = std::max(out->limit, spec.confirm_timeout);
    out->generations = std::min(out->generations, static_cast<std::size_t>(spec.budget.generations));
  }
  return out;
}

bool RenderMachine::groups_quiet() const {
  if (settings_.dry || settings_.parse_only) return true;
  return std::ranges::all_of(groups_, [](const auto& one) { return one.second.quiet(); });
}

}  // namespace longshore::render
