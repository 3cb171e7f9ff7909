// Alias checks: they have the worst status of the checks of another service.
#include <algorithm>

#include "common/registry/store.h"

namespace longshore::registry {

// Texts and rules as seen with Consul 1.8.7. There a service that goes leaves its aliases as they were; here they see
// it at once. A check is no alias of itself: in Consul that one stays critical for good.
Store::AliasView Store::view_of_alias(const std::string& id, const consul::CheckDefinition& definition) const {
  const OnNode target(definition.alias_node.empty() ? identity_.node : definition.alias_node, definition.alias_service);
  std::vector<const CheckRecord*> seen;
  if (definition.alias_node.empty()) {
    // The own node's checks are no matter of the service's.
    for (const std::string& check : catalog_.check_ids(target)) seen.push_back(catalog_.check(own(check)));
  } else {
    seen = catalog_.checks_for(target);
  }
  std::erase_if(seen, [&](const CheckRecord* check) {
    return check->value.node == identity_.node && check->value.check_id == id;
  });
  if (!target.second.empty() && catalog_.service(target) == nullptr)
    return {CheckStatus::critical, "Service " + target.second + " could not be found on node " + definition.alias_node};
  if (target.second.empty() && !catalog_.nodes().contains(target.first))
    return {CheckStatus::critical, "Node " + target.first + " could not be found"};
  AliasView view{CheckStatus::passing, seen.empty() ? "No checks found." : "All checks passing."};
  for (const CheckRecord* check : seen) {
    const CheckStatus status = parse_check_status(check->value.status).value_or(CheckStatus::critical);
    if (status <= view.status) continue;
    view = {status, "Aliased check \"" + check->value.name + "\" failing: " + check_output(*check)};
  }
  return view;
}

void Store::settle_aliases(base::TimePoint now) {
  // An alias may follow a service that has one: at most as many rounds as there are links in the chain.
  for (std::size_t round = 0; round < aliases_.size(); ++round) {
    bool changed = false;
    for (const std::string& id : aliases_) {
      LocalCheck& local = local_checks_.at(id);
      const AliasView view = view_of_alias(id, local.definition);
      const CheckRecord* record = catalog_.check(own(id));
      if (record == nullptr) continue;
      changed = changed || record->value.status != to_string(view.status);
      if (record->value.status != to_string(view.status) || local.output != view.output)
        set_status(id, local, view.status, view.output, now);
    }
    if (!changed) return;
  }
}

}  // namespace longshore::registry
