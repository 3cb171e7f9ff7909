// What an earlier life of this agent left in Consul for this one to go on with.
#include "agent/core/machine.h"

namespace longshore::agent {

void AgentMachine::notes_known(const input::WithdrawalsLoaded& said) {
  if (notes_) return;
  notes_.emplace();
  if (said.notes)
    for (const WithdrawalNote& note : *said.notes) notes_->emplace(note.id, note);
  for (const auto& [id, spec] : specs_) changed_.insert(id);
  registrar_.recheck(link_);
}

// Its maintenance, or the note that it left when it was deregistered, tells of a stop that an earlier life of this
// agent saw: it is not to be ended by the mere start of another life. Asked once per container and only at the
// beginning: later stops were seen by this life, and a restarted container owes nothing to the stop before.
void AgentMachine::inherit_stop(const std::string& id, const ContainerServices& spec, base::TimePoint now) {
  if (synced_ || !link_.known() || !notes_ || !inherited_.insert(id).second) return;
  for (const consul::Registration& service : spec.services) {
    const auto reason = link_.maintenance().find(service.id);
    const auto listed = link_.actual().find(service.id);
    const auto note = notes_->find(service.id);
    if (listed == link_.actual().end() && note != notes_->end()) {
      const auto signal = stop_in_note(note->second, inventory_.records().at(id).container);
      if (signal) inventory_.inherit_stop(id, *signal, now);
    }
    if (reason == link_.maintenance().end() || listed == link_.actual().end()) continue;
    const std::string of = container_of(listed->second);
    const auto signal = stop_in_reason(reason->second);
    if (signal && !of.empty() && id.starts_with(of)) inventory_.inherit_stop(id, *signal, now);
  }
}

}  // namespace longshore::agent
