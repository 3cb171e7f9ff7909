#include "agent/core/machine.h"

#include <algorithm>
#include <utility>

#include "agent/core/addresses.h"
#include "agent/core/life_checks.h"
#include "common/docker/codec.h"

namespace longshore::agent {
namespace {

constexpr std::size_t kShortId = 12;  // digits that people see of a container's ID

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

AgentMachine::AgentMachine(AgentOptions options, LocalFacts local, std::uint64_t seed)
    : options_(std::move(options)),
      local_(std::move(local)),
      inventory_(options_, seed),
      link_(options_, options_.hostname.empty() ? local_.hostname : options_.hostname, seed + 1),
      registrar_(options_, seed + 2),
      tag_templates_(options_),
      lock_(seed + 3),
      drains_(seed + 4),
      reaper_(options_, seed + 6),
      feeder_(seed + 5) {}

Actions AgentMachine::start(base::TimePoint now) {
  Actions out;
  inventory_.start(now, {out, changed_});
  link_.start(out);
  return out;
}

Actions AgentMachine::step(const Input& input, base::TimePoint now) {
  Actions out;
  now_ = now;
  handle(input, now, out);
  if (!stopping_) {
    learn_facts(now, out);
    // A stop that was outlived is found by a tick of the inventory, a drain by its watch: derive after both.
    inventory_.tick(now, {out, changed_});
    respec_changed(now, out);
    tick(now, out);
  }
  settle(now, out);
  // After it is known what stands.
  if (!stopping_ && link_.writable() && lock_.may_write()) feeder_.tick(registrar_.standing(), now, out);
  return out;
}

void AgentMachine::tick(base::TimePoint now, Actions& out) {
  link_.tick(registrar_.standing(), now, out);
  if (!link_.writable()) return;
  lock_.tick(registrar_.has_rivals(), now, out);
  drains_.tick(now, out);
  if (options_.kv_owner.empty()) node_watch_.tick(now, out);
  reaper_.tick(lock_.state() == OwnerLock::State::held ? lock_.session() : std::string(), now, out);
}

void AgentMachine::handle(const Input& input, base::TimePoint now, Actions& out) {
  const Inventory::Effects effects{out, changed_};
  const auto on = Overloaded{
      [&](const input::DockerConnected& said) { inventory_.connected(said, now, effects); },
      [&](const input::DockerLost& said) { inventory_.lost(said, now, effects); },
      [&](const input::DockerEvent& said) { inventory_.event(said, now, effects); },
      [&](const input::DockerListed& said) {
        inventory_.listed(said, now, effects);
        registrar_.recheck(link_);
      },
      [&](const input::Inspected& said) { inventory_.inspected(said, now, effects); },
      [&](const input::SelfLoaded& said) { link_.self_loaded(said, now, out); },
      [&](const input::ServicesLoaded& said) { services_known(link_.services_loaded(said, now, out)); },
      [&](const input::WithdrawalsLoaded& said) {
        registrar_.withdrawals_loaded(said, now);
        notes_known(said);
      },
      [&](const input::Registered& said) {
        registrar_.registered(said, link_, now, out);
        if (said.status) feeder_.service_written(said.id, now);
      },
      [&](const input::Withdrawn& said) { registrar_.withdrawn(said, now, out); },
      [&](const input::Deregistered& said) { registrar_.deregistered(said, link_, now, out); },
      [&](const input::WithdrawalForgotten& said) { registrar_.forgotten(said); },
      [&](const input::Fetched& said) { changed_.merge(tag_templates_.fetched(said, now, out)); },
      [&](const input::MaintenanceSet& said) { registrar_.maintenance_set(said, link_, now, out); },
      [&](const input::DrainsLoaded& said) {
        if (drains_.loaded(said, now, out))
          for (const auto& [id, spec] : specs_) changed_.insert(id);
      },
      [&](const input::CheckFed& said) {
        const std::string service = feeder_.fed(said, now, out);
        if (!service.empty()) registrar_.renew(service, "its check is lost", link_);
        if (!said.status && service.empty()) link_.suspect(said.status.error().code, now);
      },
      [&](const input::OwnerLocked& said) { lock_.locked(said, now, out); },
      [&](const input::SessionRenewed& said) { lock_.renewed(said, now, out); },
      [&](const input::OwnersLoaded& said) {
        lock_.owners_loaded(said, now);
        registrar_.recheck_rivals();
      },
      [&](const input::ReapLed& said) { reaper_.led(said, now, out); },
      [&](const input::NodesLoaded& said) { reaper_.nodes_loaded(said, facts_.node, now, out); },
      [&](const input::NodeReaped& said) { reaper_.reaped(said, now, out); },
      [&](const input::OwnNodeLoaded& said) {
        if (!node_watch_.loaded(said, now)) return;
        out.push_back(base::LogLine{base::Level::warn,
                                    "node_was_removed",
                                    {{"node", facts_.node},
                                     {"services", std::to_string(registrar_.standing().size())},
                                     {"effect", "they are told to Consul's catalog anew"}}});
        registrar_.announce("the catalog lost this node");
      },
      [&](const input::SessionEnded&) {
        if (leaving_) finished_ = true;
      },
      [&](const input::Timer&) {},
      [&](const input::Reload& said) { reload(said, now, out); },
      [&](const input::Stop&) { stop(out); },
  };
  // Answers still count while stopping; nothing else does.
  std::visit(on, input);
}

// What other options make of a container is found by the inspect that the reload leads to.
void AgentMachine::reload(const input::Reload& said, base::TimePoint now, Actions& out) {
  if (said.options) {
    options_ = *said.options;
    inventory_.configure(options_);
    link_.configure(options_);
    registrar_.configure(options_);
    tag_templates_.configure(options_);
    registrar_.hold(tag_templates_.waiting());
  }
  if (said.local) {
    local_.hostname_address = said.local->hostname_address;
    local_.interface_address = said.local->interface_address;
    local_.interfaces = said.local->interfaces;
  }
  inventory_.reload(now, {out, changed_});
  link_.reload(now);
}

void AgentMachine::services_known(ConsulLink::News news) {
  if (news != ConsulLink::News::all) return;
  registrar_.recheck(link_, true);
  if (std::exchange(listing_seen_, true)) return;
  for (const auto& [id, spec] : specs_) changed_.insert(id);
}

void AgentMachine::stop(Actions& out) {
  if (stopping_) return;
  stopping_ = true;
  base::LogLine line{base::Level::info, "agent_stopping", {{"services", std::to_string(registrar_.standing().size())}}};
  if (options_.on_exit != OnExit::keep) {
    const bool stays = options_.on_exit == OnExit::maintain && options_.kv_owner.empty();
    const LeaveBy by = stays ? LeaveBy::maintain : LeaveBy::deregister;
    registrar_.leave(Withhold{by, "the agent stopped"});
    line.fields.emplace_back("on_exit", by == LeaveBy::maintain ? "maintain" : "deregister");
  }
  out.push_back(std::move(line));
}

// Names and addresses of this host depend on both sides; each may come back as another one.
void AgentMachine::learn_facts(base::TimePoint now, Actions& out) {
  if (!link_.self() || !inventory_.engine_known()) return;
  const consul::AgentSelf& self = *link_.self();
  NodeFacts facts;
  facts.hostname = options_.hostname.empty() ? local_.hostname : options_.hostname;
  facts.node = self.node_name;
  facts.owner =
      options_.kv_owner.empty() ? owner_id(self.node_name, inventory_.engine().id, local_.nonce) : options_.kv_owner;
  const HostAddress address = choose_host_address(options_, local_, self.advertise_address);
  facts.host_address = address.address;
  facts.address_reason = address.reason;
  facts.other_address = address.other;
  facts.own_container = local_.own_container;
  facts.consul_version = self.version;
  // Where the Consul agent itself is known by loopback only, nobody on another host can be misled.
  facts.loopback_fine = options_.allow_loopback || is_loopback(self.advertise_address);
  if (facts_known_ && facts == facts_) return;
  const bool new_node = !facts_known_ || facts.node != facts_.node;
  facts_ = std::move(facts);
  facts_known_ = true;
  if (!identity_.owner.empty()) identity_.former.insert(identity_.owner);
  identity_.former.erase(facts_.owner);
  identity_.owner = facts_.owner;
  identity_.hostname = facts_.hostname;
  identity_.env = options_.env;
  for (const std::string& engine : local_.former_engines)
    if (std::string former = owner_id(facts_.node, engine, local_.nonce); former != facts_.owner)
      identity_.former.insert(std::move(former));
  lock_.identify(facts_.node, facts_.owner, out);
  node_watch_.follow(facts_.node);
  drains_.follow(facts_.node, now);
  out.push_back(base::LogLine{facts_.host_address.empty() && !options_.internal ? base::Level::warn : base::Level::info,
                              "identity",
                              {{"node", facts_.node},
                               {"owner", facts_.owner},
                               {"address", facts_.host_address},
                               {"reason", facts_.address_reason}}});
  if (new_node) out.push_back(action::LoadWithdrawals{facts_.node});
  for (const auto& [id, record] : inventory_.records()) changed_.insert(id);
}

// A container's labels may route to any other one: when the routes change, all are derived anew.
void AgentMachine::learn_targets(std::set<std::string>& changed) {
  if (options_.compatible) return;
  bool other = false;
  for (const std::string& id : changed) {
    const auto found = inventory_.records().find(id);
    std::vector<RouteTarget> now;
    if (found != inventory_.records().end() && found->second.phase == ContainerRecord::Phase::running) {
      std::vector<std::string> notes;  // said when the container itself is derived
      now = route_targets(found->second.container, notes);
    } else if (found != inventory_.records().end() && found->second.phase == ContainerRecord::Phase::unknown) {
      continue;
    }
    const auto before = targets_of_.find(id);
    if (before == targets_of_.end() ? now.empty() : now == before->second) continue;
    other = true;
    if (now.empty())
      targets_of_.erase(id);
    else
      targets_of_[id] = std::move(now);
  }
  if (!other) return;
  targets_.clear();
  for (const auto& [id, targets] : targets_of_) targets_.insert(targets_.end(), targets.begin(), targets.end());
  for (const auto& [id, spec] : specs_) changed.insert(id);
}

void AgentMachine::respec_changed(base::TimePoint now, Actions& out) {
  if (!facts_known_ || changed_.empty()) return;
  std::set<std::string> now_changed = std::exchange(changed_, {});
  learn_targets(now_changed);
  now_changed.insert(sharing_.begin(), sharing_.end());
  for (const std::string& id : now_changed) respec(id, now, out);
}

void AgentMachine::forget(const std::string& id, base::TimePoint now) {
  const ContainerServices before = std::exchange(specs_[id], {});
  specs_.erase(id);
  sharing_.erase(id);
  tag_templates_.forget(id);
  registrar_.hold(tag_templates_.waiting());
  registrar_.forget(id, link_);
  feeder_.forget(id);
  // Who has the ID now feeds its checks.
  for (const consul::Registration& service : before.services)
    if (const std::string heir = registrar_.claimant(service.id); !heir.empty()) feed(heir, now);
}

void AgentMachine::respec(const std::string& id, base::TimePoint now, Actions& out) {
  const auto found = inventory_.records().find(id);
  if (found == inventory_.records().end() || found->second.phase == ContainerRecord::Phase::ended ||
      found->second.phase == ContainerRecord::Phase::kept)
    return forget(id, now);
  if (found->second.phase != ContainerRecord::Phase::running) return;
  const docker::Container& container = found->second.container;
  const std::string_view owner = network_owner(container);
  if (!owner.empty()) sharing_.insert(id);
  const std::optional<ForcedTags> forced = tag_templates_.tags_for(container, now, out);
  registrar_.hold(tag_templates_.waiting());
  if (!forced) return;
  ContainerServices spec =
      services_of(container, options_, facts_, inventory_.find_running(owner), &*forced, &targets_);
  add_life_checks(container, options_, spec);
  inherit_stop(id, spec, now);
  log_decisions(id, specs_[id], spec, out);
  std::vector<Wish> wishes;
  for (std::size_t i = 0; i < spec.services.size(); ++i)
    wishes.push_back({spec.services[i], withhold_for(container, spec.ports[i], spec.services[i].id, found->second.stop,
                                                     drains_, options_)});
  registrar_.want(id, container.state.started_at, std::move(wishes), link_);
  specs_[id] = std::move(spec);
  feed(id, now);
}

void AgentMachine::feed(const std::string& id, base::TimePoint now) {
  const auto spec = specs_.find(id);
  const auto record = inventory_.records().find(id);
  if (spec == specs_.end() || record == inventory_.records().end()) return;
  std::vector<Feed> feeds;
  for (const consul::Registration& service : spec->second.services) {
    if (registrar_.claimant(service.id) != id) continue;
    std::vector<Feed> more = feeds_of(record->second.container, service);
    std::move(more.begin(), more.end(), std::back_inserter(feeds));
  }
  feeder_.want(id, std::move(feeds), now);
}

void AgentMachine::log_decisions(const std::string& id, const ContainerServices& before, const ContainerServices& after,
                                 Actions& out) const {
  const std::string& name = inventory_.records().at(id).container.name;
  const auto is_new = [](const auto& list, const auto& item) {
    return std::find(list.begin(), list.end(), item) == list.end();
  };
  // Registrator tells of every port that it leaves out.
  const base::Level expected = options_.compatible ? base::Level::info : base::Level::debug;
  for (const Reject& reject : after.rejects) {
    if (!is_new(before.rejects, reject)) continue;
    base::LogLine line{reject.expected ? expected : base::Level::warn,
                       "port_skipped",
                       {{"container", name},
                        {"port", reject.port ? docker::to_string(*reject.port) : std::string("all")},
                        {"reason", reject.reason}}};
    if (options_.compatible) line.fields.emplace_back("id", id.substr(0, kShortId));
    out.push_back(std::move(line));
  }
  for (const Note& note : after.notes)
    if (is_new(before.notes, note))
      out.push_back(base::LogLine{base::Level::warn,
                                  "not_as_asked",
                                  {{"container", name},
                                   {"port", note.port.number == 0 ? std::string("all") : docker::to_string(note.port)},
                                   {"reason", note.text}}});
}

void AgentMachine::settle(base::TimePoint now, Actions& out) {
  if (recoveries_seen_ != link_.recoveries()) {
    recoveries_seen_ = link_.recoveries();
    registrar_.forgive(now);
    feeder_.again(now);
    drains_.again(now);
  }
  if (!drains_known_ && drains_.decided()) {
    drains_known_ = true;
    registrar_.recheck(link_);
  }
  // Entries that name no container wait until every name is known.
  if (!inventory_complete_ && inventory_.complete()) {
    inventory_complete_ = true;
    registrar_.recheck(link_);
  }
  // Before the drains and the notes are known nothing joins.
  const bool may_join = drains_known_ && notes_;
  registrar_.settle({inventory_, identity_, facts_.node, lock_, may_join, stopping_}, link_, now, out);
  if (stopping_) return end(out);
  if (synced_ || !facts_known_ || !link_.known() || !inventory_complete_ || !tag_templates_.waiting().empty() ||
      !may_join || !lock_.may_write())
    return;
  const auto& operations = registrar_.operations();
  const bool waiting = registrar_.untried() > 0 || registrar_.awaits_owners(lock_) ||
                       std::any_of(operations.begin(), operations.end(), [](const auto& entry) {
                         return entry.second.error.empty() && entry.second.stage != Operation::Stage::idle;
                       });
  if (waiting) return;
  synced_ = true;
  out.push_back(base::LogLine{
      base::Level::info,
      "synced",
      {{"containers", std::to_string(specs_.size())}, {"services", std::to_string(registrar_.standing().size())}}});
}

// When nothing is in flight any more the session goes back, so that a successor need not wait for its end.
void AgentMachine::end(Actions& out) {
  if (registrar_.in_flight() != 0 || (leaving_ && !finished_)) return;
  if (!leaving_ && !lock_.session().empty() && link_.writable()) {
    leaving_ = true;
    return lock_.leave(out);
  }
  if (ended_) return;
  ended_ = finished_ = true;
  out.push_back(action::Finish{});
}

base::TimePoint AgentMachine::next_wake() const {
  base::TimePoint wake = base::TimePoint::max();
  if (stopping_) return wake;
  const auto consider = [&](const std::optional<base::TimePoint>& when) {
    if (when) wake = std::min(wake, *when);
  };
  consider(inventory_.next_wake());
  consider(link_.next_wake());
  if (!link_.writable()) return wake;
  consider(lock_.next_wake(registrar_.has_rivals()));
  consider(drains_.next_wake());
  if (options_.kv_owner.empty()) consider(node_watch_.next_wake());
  consider(reaper_.next_wake());
  if (!lock_.may_write()) return wake;
  consider(registrar_.next_wake());
  consider(feeder_.next_wake(registrar_.standing()));
  return wake;
}

}  // namespace longshore::agent
