#include "agent/core/machine.h"

#include <algorithm>
#include <utility>

#include "agent/core/addresses.h"
#include "common/docker/codec.h"

namespace longshore::agent {
namespace {

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
      tag_templates_(options_) {}

Actions AgentMachine::start(base::TimePoint now) {
  Actions out;
  inventory_.start(now, {out, changed_});
  link_.start(out);
  return out;
}

Actions AgentMachine::step(const Input& input, base::TimePoint now) {
  Actions out;
  handle(input, now, out);
  if (!stopping_) {
    learn_facts(out);
    respec_changed(now, out);
    inventory_.tick(now, {out, changed_});
    link_.tick(registrar_.standing(), now, out);
  }
  settle(now, out);
  return out;
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
      [&](const input::ServicesLoaded& said) {
        if (link_.services_loaded(said, now, out) == ConsulLink::News::all) registrar_.recheck(link_);
      },
      [&](const input::WithdrawalsLoaded& said) { registrar_.withdrawals_loaded(said, now); },
      [&](const input::Registered& said) { registrar_.registered(said, link_, now, out); },
      [&](const input::Withdrawn& said) { registrar_.withdrawn(said, now, out); },
      [&](const input::Deregistered& said) { registrar_.deregistered(said, link_, now, out); },
      [&](const input::WithdrawalForgotten& said) { registrar_.forgotten(said); },
      [&](const input::Fetched& said) { changed_.merge(tag_templates_.fetched(said, now, out)); },
      [&](const input::Timer&) {},
      [&](const input::Reload&) {
        inventory_.reload(now, effects);
        link_.reload(now);
      },
      [&](const input::Stop&) { stop(out); },
  };
  // Answers still count while stopping; nothing else does.
  std::visit(on, input);
}

void AgentMachine::stop(Actions& out) {
  if (stopping_) return;
  stopping_ = true;
  out.push_back(
      base::LogLine{base::Level::info, "agent_stopping", {{"services", std::to_string(registrar_.standing().size())}}});
}

// Names and addresses of this host depend on both sides; each may come back as another one.
void AgentMachine::learn_facts(Actions& out) {
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
  identity_.owners.insert(facts_.owner);
  identity_.hostname = facts_.hostname;
  out.push_back(base::LogLine{facts_.host_address.empty() && !options_.internal ? base::Level::warn : base::Level::info,
                              "identity",
                              {{"node", facts_.node},
                               {"owner", facts_.owner},
                               {"address", facts_.host_address},
                               {"reason", facts_.address_reason}}});
  if (new_node) out.push_back(action::LoadWithdrawals{facts_.node});
  for (const auto& [id, record] : inventory_.records()) changed_.insert(id);
}

void AgentMachine::respec_changed(base::TimePoint now, Actions& out) {
  if (!facts_known_ || changed_.empty()) return;
  std::set<std::string> now_changed = std::exchange(changed_, {});
  now_changed.insert(sharing_.begin(), sharing_.end());
  for (const std::string& id : now_changed) respec(id, now, out);
}

void AgentMachine::respec(const std::string& id, base::TimePoint now, Actions& out) {
  const auto found = inventory_.records().find(id);
  if (found == inventory_.records().end() || found->second.phase == ContainerRecord::Phase::ended ||
      found->second.phase == ContainerRecord::Phase::kept) {
    specs_.erase(id);
    sharing_.erase(id);
    tag_templates_.forget(id);
    registrar_.hold(tag_templates_.waiting());
    registrar_.forget(id, link_);
    return;
  }
  if (found->second.phase != ContainerRecord::Phase::running) return;
  const docker::Container& container = found->second.container;
  const std::string_view owner = network_owner(container);
  if (!owner.empty()) sharing_.insert(id);
  const std::optional<ForcedTags> forced = tag_templates_.tags_for(container, now, out);
  registrar_.hold(tag_templates_.waiting());
  if (!forced) return;
  ContainerServices spec = services_of(container, options_, facts_, inventory_.find_running(owner), &*forced);
  log_decisions(id, specs_[id], spec, out);
  registrar_.want(id, container.state.started_at, spec.services, link_);
  specs_[id] = std::move(spec);
}

void AgentMachine::log_decisions(const std::string& id, const ContainerServices& before, const ContainerServices& after,
                                 Actions& out) const {
  const std::string& name = inventory_.records().at(id).container.name;
  const auto is_new = [](const auto& list, const auto& item) {
    return std::find(list.begin(), list.end(), item) == list.end();
  };
  for (const Reject& reject : after.rejects)
    if (is_new(before.rejects, reject))
      out.push_back(base::LogLine{reject.expected ? base::Level::debug : base::Level::warn,
                                  "port_skipped",
                                  {{"container", name},
                                   {"port", reject.port ? docker::to_string(*reject.port) : std::string("all")},
                                   {"reason", reject.reason}}});
  for (const Note& note : after.notes)
    if (is_new(before.notes, note))
      out.push_back(
          base::LogLine{base::Level::warn,
                        "not_as_asked",
                        {{"container", name}, {"port", docker::to_string(note.port)}, {"reason", note.text}}});
}

void AgentMachine::settle(base::TimePoint now, Actions& out) {
  if (recoveries_seen_ != link_.recoveries()) {
    recoveries_seen_ = link_.recoveries();
    registrar_.forgive(now);
  }
  // Entries that name no container wait until every name is known.
  if (!inventory_complete_ && inventory_.complete()) {
    inventory_complete_ = true;
    registrar_.recheck(link_);
  }
  registrar_.settle({inventory_, identity_, facts_.node, stopping_}, link_, now, out);
  if (stopping_ && !finished_ && registrar_.in_flight() == 0) {
    finished_ = true;
    out.push_back(action::Finish{});
  }
  if (synced_ || !facts_known_ || !link_.known() || !inventory_complete_ || !tag_templates_.waiting().empty()) return;
  const auto& operations = registrar_.operations();
  const bool waiting =
      registrar_.untried() > 0 || std::any_of(operations.begin(), operations.end(), [](const auto& entry) {
        return entry.second.error.empty() && entry.second.stage != Operation::Stage::idle;
      });
  if (waiting) return;
  synced_ = true;
  out.push_back(base::LogLine{
      base::Level::info,
      "synced",
      {{"containers", std::to_string(specs_.size())}, {"services", std::to_string(registrar_.standing().size())}}});
}

base::TimePoint AgentMachine::next_wake() const {
  base::TimePoint wake = base::TimePoint::max();
  if (stopping_) return wake;
  const auto consider = [&](const std::optional<base::TimePoint>& when) {
    if (when) wake = std::min(wake, *when);
  };
  consider(inventory_.next_wake());
  consider(link_.next_wake());
  if (link_.writable()) consider(registrar_.next_wake());
  return wake;
}

}  // namespace longshore::agent
