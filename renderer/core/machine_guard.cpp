// The part of the machine that asks guards before fewer instances are shown, and before a file is made without what it
// needs.
#include <algorithm>

#include "common/base/text.h"
#include "renderer/core/machine.h"

namespace longshore::render {
namespace {

// The first file waits so long for the least number of instances: whoever registers them starts beside us.
constexpr base::Duration kAtStart = std::chrono::seconds(10);

std::size_t in_use_of(const ServiceData* data) {
  if (data == nullptr) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(data->instances, [](const InstancePtr& one) { return in_use(one->health); }));
}

}  // namespace

// Of the settings, and of all templates that use it: it has one state, so the strictest counts.
GuardRule RenderMachine::guard_rule(const Dependency& on) const {
  if (on.kind != Dependency::Kind::service) return {};
  GuardRule rule = settings_.guards.of(on.name);
  for (const TemplateState& state : templates_)
    if (state.spec.guard.active() && state.used.contains(on)) rule = strictest(rule, state.spec.guard);
  return rule;
}

std::shared_ptr<const ServiceData> RenderMachine::guarded(const Dependency& on, std::shared_ptr<const ServiceData> data,
                                                          base::TimePoint now) {
  const GuardRule rule = guard_rule(on);
  const auto before = instances_of(on);
  // With -once there is nothing before.
  if (!guards_.guards(on) && (!rule.active() || settings_.once)) return data;
  obey(guards_.told(on, rule, data, before, now), now);
  const auto shown = guards_.shown(on);
  return shown ? shown : data;
}

void RenderMachine::obey(const GuardBook::Outcome& outcome, base::TimePoint now) {
  for (const base::LogLine& line : outcome.lines) act(line);
  for (const std::string& node : outcome.read_notes) act(action::ReadNotes{node});
  for (const Dependency& on : outcome.changed) {
    const auto shown = guards_.shown(on);
    if (!shown) continue;
    if (traffic_.enabled())
      obey(traffic_.released(on, shown, now), now);
    else
      replace_held(on, shown, now);
  }
  if (!outcome.changed.empty()) release_names(now);
}

// Rules have changed.
void RenderMachine::judge_anew(base::TimePoint now) {
  for (const Dependency& on : watched_) {
    const auto data = on.kind == Dependency::Kind::service ? instances_of(on) : nullptr;
    if (!data || (!guards_.guards(on) && !guard_rule(on).active())) continue;
    const auto was = guards_.shown(on);
    GuardBook::Outcome outcome = guards_.told(on, guard_rule(on), data, data, now);
    const auto is = guards_.shown(on);
    if (was && is && !same_instances(*was, *is)) outcome.changed.insert(on);
    obey(outcome, now);
    if (!was || is) continue;
    if (traffic_.enabled())
      obey(traffic_.released(on, data, now), now);
    else
      replace_held(on, data, now);
  }
}

// A complete text becomes one that waits: while what the template requires is not there, and at the start while its
// services have fewer instances than they should.
void RenderMachine::guard_template(TemplateState& state, Outcome& outcome, base::TimePoint now) {
  const TemplateSpec& spec = state.spec;
  outcome.used.insert(spec.required.begin(), spec.required.end());
  Dependencies lacks, few;
  for (const Dependency& on : spec.required) {
    const auto key = snapshot_.get<KeyData>(on);
    const bool there =
        on.kind == Dependency::Kind::key ? key && key->current : in_use_of(snapshot_.get<ServiceData>(on).get()) > 0;
    if (!there) lacks.insert(on);
  }
  if (!state.first_done && !settings_.dry && outcome.kind == Outcome::Kind::complete)
    for (const Dependency& on : outcome.used) {
      if (on.kind != Dependency::Kind::service) continue;
      const GuardRule rule = strictest(settings_.guards.of(on.name), spec.guard);
      if (in_use_of(snapshot_.get<ServiceData>(on).get()) < rule.at_start()) few.insert(on);
    }
  if (outcome.kind == Outcome::Kind::waiting) {
    outcome.missing.insert(lacks.begin(), lacks.end());
    return;
  }
  if (lacks.empty() && few.empty()) {
    if (state.guard_since)
      say(base::Level::info, "guard_holds_no_longer",
          {{"template", spec.label()},
           {"reason", "returned"},
           {"after", base::format_duration(now - *state.guard_since)}});
    state.guard_lacks.clear();
    state.guard_since.reset();
    state.guard_until.reset();
    state.guard_waived = false;
    return;
  }
  if (outcome.kind != Outcome::Kind::complete || state.guard_waived) return;
  const bool begins = !state.guard_since;
  if (begins) {
    state.guard_since = now;
    ++counters_.guarded_files;
  }
  // What was never rendered waits for what it requires as long as it takes, as for a key that is not there.
  state.guard_until.reset();
  if (!lacks.empty() && state.first_done && spec.guard.limit.count() > 0)
    state.guard_until = *state.guard_since + spec.guard.limit;
  if (lacks.empty()) state.guard_until = *state.guard_since + kAtStart;
  lacks.insert(few.begin(), few.end());
  std::vector<std::string> names;
  for (const Dependency& on : lacks) names.push_back(to_string(on));
  state.guard_lacks = lacks;
  if (state.guard_until && *state.guard_until <= now) {
    say(base::Level::warn, "guard_holds_no_longer",
        {{"template", spec.label()},
         {"reason", "limit"},
         {"absent", base::join(names, ", ")},
         {"after", base::format_duration(now - *state.guard_since)}});
    state.guard_since.reset();
    state.guard_until.reset();
    state.guard_waived = true;
    return;
  }
  if (begins)
    say(base::Level::warn, "guard_holds",
        {{"template", spec.label()},
         {"reason",
          state.first_done ? "what it requires is not there" : "too few instances, or what it requires is not there"},
         {"absent", base::join(names, ", ")}});
  outcome.kind = Outcome::Kind::waiting;
  outcome.missing = std::move(lacks);
}

void RenderMachine::tick_guards(base::TimePoint now) {
  obey(guards_.tick(now), now);
  for (TemplateState& state : templates_)
    if (state.guard_until && *state.guard_until <= now) state.dirty = true;
}

bool RenderMachine::holds_back() const {
  if (settings_.once || settings_.dry) return false;
  return guards_.holding() ||
         std::ranges::any_of(templates_, [](const TemplateState& state) { return state.guard_since.has_value(); });
}

Dependency RenderMachine::releases() const {
  return {.kind = Dependency::Kind::tree, .name = settings_.release_prefix};
}

// What was there when something began to be held is about something older.
void RenderMachine::take_releases(const TreeData& records, base::TimePoint now) {
  const bool first = !releases_;
  if (first) releases_.emplace();
  for (const KeyPair& record : records.pairs) {
    std::uint64_t& seen = (*releases_)[record.pair.key];
    if (std::exchange(seen, record.pair.modify_index) == record.pair.modify_index || first) continue;
    if (record.pair.key.size() <= settings_.release_prefix.size()) continue;
    const std::string service = record.pair.key.substr(settings_.release_prefix.size());
    obey(guards_.release(service, now), now);
    for (TemplateState& state : templates_) {
      const auto named = [&](const Dependency& on) { return service == "*" || on.name == service; };
      if (!state.guard_since || !std::ranges::any_of(state.guard_lacks, named)) continue;
      state.guard_until = now;
      state.dirty = true;
    }
  }
}

}  // namespace longshore::render
