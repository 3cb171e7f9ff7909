#include "agent/core/addresses.h"
#include "agent/core/kv_entry.h"
#include "agent/core/machine.h"
#include "common/docker/codec.h"

namespace longshore::agent {
namespace {

std::string_view to_string(ContainerRecord::Phase phase) {
  switch (phase) {
    case ContainerRecord::Phase::unknown:
      return "unknown";
    case ContainerRecord::Phase::running:
      return "running";
    case ContainerRecord::Phase::ended:
      return "ended";
    case ContainerRecord::Phase::kept:
      return "kept";
  }
  return "unknown";
}

std::string_view to_string(OwnerLock::State state) {
  switch (state) {
    case OwnerLock::State::held:
      return "held";
    case OwnerLock::State::taken:
      return "taken";
    case OwnerLock::State::unavailable:
      return "unavailable";
    case OwnerLock::State::unknown:
      return "unknown";
  }
  return "unknown";
}

PortStatus describe(const consul::Registration& service, const std::string& container, const Registrar& registrar) {
  PortStatus port;
  port.state = registrar.standing().contains(service.id) ? "registered" : "pending";
  port.id = service.id;
  port.service = service.name;
  port.address = kv_value(service.address, service.port);
  const auto operation = registrar.operations().find(service.id);
  if (operation != registrar.operations().end()) {
    port.reason = operation->second.error.empty() ? operation->second.reason : operation->second.error;
    if (!operation->second.error.empty()) port.state = "failing";
  }
  if (const Withhold* withheld = registrar.withheld(service.id); withheld != nullptr && port.state != "failing") {
    port.state = "withheld";
    port.reason = withheld->reason;
  }
  if (const std::string rival = registrar.rival(service.id); !rival.empty() && port.state != "failing") {
    port.state = "taken";
    port.reason = "entry of another agent: " + rival;
  }
  if (const std::string claimant = registrar.claimant(service.id); claimant != container) {
    port.state = "skipped";
    port.reason = "container " + claimant.substr(0, 12) + " was started later with the same service ID";
  }
  return port;
}

// The clients' own errors say whose they are already.
std::string named(const std::string& whose, const std::string& error) {
  return error.starts_with(whose + ": ") ? error : whose + ": " + error;
}

}  // namespace

ReaperStatus AgentMachine::reaper_status() const {
  ReaperStatus out;
  out.state = !reaper_.on() ? "off" : reaper_.leading() ? "leading" : lock_.session().empty() ? "waiting" : "standby";
  out.holder = reaper_.holder();
  out.problem = reaper_.problem();
  out.nodes = reaper_.nodes();
  out.counts = reaper_.counts();
  for (const auto& [node, failed] : reaper_.failed()) {
    const bool own = node == facts_.node;
    out.failed.push_back({node, now_ - failed.since, own ? "this agent's own node" : failed.verdict});
  }
  return out;
}

bool AgentMachine::ready() const {
  return synced_ && inventory_.is_connected() && inventory_.error().empty() && link_.writable() && lock_.may_write();
}

std::string AgentMachine::why() const {
  if (stopping_) return "stopping";
  if (!inventory_.error().empty()) return named("Docker", inventory_.error());
  if (!link_.error().empty()) return named("Consul", link_.error());
  if (!inventory_.is_connected()) return "connecting to Docker";
  if (!link_.writable()) return "waiting for Consul";
  if (lock_.state() == OwnerLock::State::taken)
    return "read-only: another live agent has the same owner: " + lock_.holder();
  if (!synced_) return "first sync under way";
  return std::to_string(registrar_.standing().size()) + " services registered";
}

AgentStatus AgentMachine::status() const {
  AgentStatus out;
  out.ready = ready() && !stopping_;
  out.why = why();
  out.node = facts_.node;
  out.owner = facts_.owner;
  out.host_address = facts_.host_address;
  out.address_reason = facts_.address_reason;
  out.engine = inventory_.engine().name;
  out.docker_connected = inventory_.is_connected();
  out.docker_error = inventory_.error();
  out.consul_connected = link_.writable();
  out.consul_error = link_.error();
  out.registered = registrar_.standing().size();
  out.in_flight = registrar_.in_flight();
  out.docker = inventory_.counts();
  out.consul = registrar_.counts();
  out.consul_reads = link_.reads();
  out.consul_read_failures = link_.read_failures();
  out.lock = to_string(lock_.state());
  out.lock_holder = lock_.holder();
  out.session_renewals = lock_.renewals();
  for (const auto& [target, record] : drains_.records()) out.drains.push_back(record);
  out.drains_error = drains_.error();
  out.reaper = reaper_status();
  out.node_losses = node_watch_.losses();
  out.fed_checks = feeder_.checks();
  out.heartbeats = feeder_.heartbeats();
  out.heartbeat_failures = feeder_.failures();
  for (const auto& [id, operation] : registrar_.operations()) out.failing += operation.error.empty() ? 0 : 1;
  for (const auto& [id, record] : inventory_.records()) {
    ContainerStatus container;
    container.id = id.substr(0, 12);
    container.name = record.container.name;
    container.state = to_string(record.phase);
    container.error = record.error;
    if (const auto spec = specs_.find(id); spec != specs_.end()) {
      for (std::size_t i = 0; i < spec->second.services.size(); ++i) {
        container.ports.push_back(describe(spec->second.services[i], id, registrar_));
        out.withheld += container.ports.back().state == "withheld" ? 1 : 0;
        container.ports.back().port = docker::to_string(spec->second.ports[i]);
        // What is still to be done, or what went wrong, comes first.
        if (container.ports.back().reason.empty()) container.ports.back().reason = spec->second.reasons[i];
      }
      for (const Reject& reject : spec->second.rejects) {
        out.rejected += reject.expected ? 0 : 1;
        container.ports.push_back(
            {reject.port ? docker::to_string(*reject.port) : "", "skipped", "", "", "", reject.reason});
      }
      for (const Note& note : spec->second.notes)
        container.notes.push_back(docker::to_string(note.port) + ": " + note.text);
    }
    out.containers.push_back(std::move(container));
  }
  return out;
}

}  // namespace longshore::agent
