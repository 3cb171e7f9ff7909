// The part of the machine that takes other settings while it runs: templates that are in both keep file, data and
// watches, the supervised program goes on.
#include <algorithm>

#include "renderer/core/machine.h"

namespace longshore::render {

TemplateState RenderMachine::make_state(const TemplateSpec& spec) {
  // As consul-template: with -once nothing is waited for but data.
  const WaitWindow common = settings_.once ? WaitWindow{} : settings_.wait;
  // A group waits as a whole.
  const bool grouped = groups_.contains(spec.group);
  return TemplateState(next_index_++, spec,
                       grouped                        ? WaitWindow{}
                       : spec.wait && !settings_.once ? *spec.wait
                                                      : common);
}

TemplateState* RenderMachine::find_template(std::size_t index) {
  const auto found = std::ranges::find(templates_, index, &TemplateState::index);
  return found == templates_.end() ? nullptr : &*found;
}

void RenderMachine::on(input::Reload& reload, base::TimePoint now) {
  if (reload.settings) adopt(*reload.settings, now);
  say(base::Level::info, "reloading", {{"templates", std::to_string(templates_.size())}});
  load_templates(now);
}

void RenderMachine::adopt(const MachineSettings& fresh, base::TimePoint now) {
  std::vector<TemplateState> before = std::exchange(templates_, {});
  for (const TemplateState& state : before)
    if (apply::GroupMachine* group = group_of(state)) group->drop(state.index);
  make_groups(fresh.groups);
  for (auto& [name, group] : groups_)
    if (group.state() == apply::GroupMachine::State::recovering && group.generation() == 0)
      obey(name, group.start(), now);
  // How we were called stays: -once, -dry, -parse-only and what belongs to the name.
  settings_.templates = fresh.templates;
  settings_.wait = fresh.wait;
  settings_.hold = fresh.hold;
  hold_.configure(fresh.hold);
  settings_.probe = fresh.probe;
  traffic_.configure(fresh.probe, fresh.hold.hold);
  settings_.guards = fresh.guards;
  settings_.notices = fresh.notices;
  make_notices(fresh.notices);
  names_.configure(hold_of_names(fresh.hold));
  settings_.reload_pid_file = fresh.reload_pid_file;
  settings_.left_delimiter = fresh.left_delimiter;
  settings_.right_delimiter = fresh.right_delimiter;
  settings_.environment = fresh.environment;
  settings_.sites = fresh.sites;
  settings_.retry_attempts = fresh.retry_attempts;
  settings_.err_on_failed_lookup = fresh.err_on_failed_lookup;
  for (const TemplateSpec& spec : settings_.templates) {
    TemplateState state = make_state(spec);
    const auto known =
        std::ranges::find_if(before, [&](const TemplateState& old) { return old.spec.same_template(spec); });
    if (known != before.end()) {
      TemplateState kept = std::move(*known);
      before.erase(known);
      kept.spec = spec;
      kept.quiet = state.quiet;
      kept.waits = state.waits;
      state = std::move(kept);
    }
    templates_.push_back(std::move(state));
  }
  for (const TemplateState& gone : before)
    say(base::Level::info, "template_removed", {{"template", gone.spec.label()}});
  judge_anew(now);
  update_watches(now);
  if (fresh.child && child_) child_->configure(*fresh.child, now, random_.chance());
  if (fresh.child && !child_) child_.emplace(*fresh.child);
  settings_.child = fresh.child;
}

}  // namespace longshore::render
