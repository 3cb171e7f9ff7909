// The part of the machine that stands between the registry's instances and what templates see of them.
#include "renderer/core/machine.h"

#include <algorithm>

namespace longshore::render {

std::shared_ptr<const ServiceData> RenderMachine::instances_of(const Dependency& on) const {
  if (auto below = guards_.below(on)) return below;
  return traffic_.enabled() ? traffic_.raw(on) : snapshot_.get<ServiceData>(on);
}

// True: the data is new to templates. Nothing is known to them while the first containers of a service are asked.
bool RenderMachine::show_fresh(const Dependency& on, std::shared_ptr<const ServiceData> fresh, base::TimePoint now) {
  const bool running = std::ranges::any_of(templates_, &TemplateState::first_done);
  Traffic::Outcome outcome = traffic_.known(on, std::move(fresh), running && !settings_.once, now);
  const auto view = traffic_.view(on, now);
  outcome.changed.erase(on);
  obey(outcome, now);
  if (!view) return false;
  const Known* known = snapshot_.find(on);
  // Templates may see nothing new of what is new to the registry; who waits for our word on it does not wait in vain.
  const auto shown = snapshot_.get<ServiceData>(on);
  const bool told = !publishes() || (shown && shown->set_hash == view->set_hash);
  if (known != nullptr && same_data(known->data, Data(view)) && told) {
    snapshot_.mark_fresh(on);
    return false;
  }
  snapshot_.set(on, view);
  return true;
}

void RenderMachine::on(input::ProbeReplied& replied, base::TimePoint now) {
  obey(traffic_.replied(replied.id, replied.reply, now), now);
}

void RenderMachine::obey(const Traffic::Outcome& outcome, base::TimePoint now) {
  for (const base::LogLine& line : outcome.lines) act(line);
  for (const ProbeOrder& order : outcome.start) act(action::StartProbe{order});
  for (const Dependency& on : outcome.changed) show_again(on, now);
  if (!outcome.changed.empty()) release_names(now);
}

void RenderMachine::show_again(const Dependency& on, base::TimePoint now) {
  const auto view = traffic_.view(on, now);
  if (!view) return;
  const Known* known = snapshot_.find(on);
  if (known != nullptr && same_data(known->data, Data(view))) return;
  if (known == nullptr) {
    snapshot_.set(on, view);
    changed(on, now);
    return;
  }
  replace_held(on, view, now);
}

}  // namespace longshore::render
