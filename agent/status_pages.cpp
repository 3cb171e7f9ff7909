#include "agent/status_pages.h"

#include "common/json/json.h"

namespace longshore::agent {
namespace {

using json::Value;
using status::MetricKind;

Value port_json(const PortStatus& port) {
  Value out = Value::object();
  out["port"] = port.port;
  out["state"] = port.state;
  if (!port.id.empty()) out["id"] = port.id;
  if (!port.service.empty()) out["service"] = port.service;
  if (!port.address.empty()) out["address"] = port.address;
  if (!port.reason.empty()) out["reason"] = port.reason;
  return out;
}

Value container_json(const ContainerStatus& container) {
  Value out = Value::object();
  out["id"] = container.id;
  out["name"] = container.name;
  out["state"] = container.state;
  if (!container.error.empty()) out["error"] = container.error;
  out["ports"] = Value::array();
  for (const PortStatus& port : container.ports) out["ports"].push_back(port_json(port));
  if (!container.notes.empty()) out["notes"] = container.notes;
  return out;
}

Value reaper_json(const ReaperStatus& reaper) {
  Value out = {{"state", reaper.state}};
  if (reaper.state == "off") return out;
  if (!reaper.holder.empty()) out["holder"] = reaper.holder;
  if (!reaper.problem.empty()) out["problem"] = reaper.problem;
  out["nodes"] = reaper.nodes;
  out["failed"] = Value::array();
  for (const FailedNodeStatus& failed : reaper.failed) {
    Value one = {{"node", failed.node}};
    one["failed_for_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(failed.failed_for).count();
    if (!failed.verdict.empty()) one["kept_because"] = failed.verdict;
    out["failed"].push_back(std::move(one));
  }
  out["reaped"] = reaper.counts.reaped;
  return out;
}

status::Metric metric(std::string name, std::string help, MetricKind kind, double value) {
  return {std::move(name), std::move(help), kind, {{{}, value}}};
}

status::Metric counter(std::string name, std::string help, std::uint64_t value) {
  return metric(std::move(name), std::move(help), MetricKind::counter, static_cast<double>(value));
}

}  // namespace

std::string status_json(const AgentStatus& status) {
  Value out = Value::object();
  out["ready"] = status.ready;
  out["why"] = status.why;
  out["node"] = status.node;
  out["owner"] = status.owner;
  out["host_address"] = status.host_address;
  out["host_address_reason"] = status.address_reason;
  out["docker"] = {{"connected", status.docker_connected}, {"engine", status.engine}, {"error", status.docker_error}};
  out["consul"] = {{"connected", status.consul_connected}, {"error", status.consul_error}};
  out["registered"] = status.registered;
  out["failing"] = status.failing;
  out["in_flight"] = status.in_flight;
  out["withheld"] = status.withheld;
  out["lock"] = {{"state", status.lock}, {"holder", status.lock_holder}};
  out["reaper"] = reaper_json(status.reaper);
  out["drains"] = Value::array();
  for (const DrainRecord& drain : status.drains) {
    Value one = {{"target", drain.target}, {"mode", drain.by == LeaveBy::maintain ? "maintain" : "deregister"}};
    if (!drain.reason.empty()) one["reason"] = drain.reason;
    if (!drain.author.empty()) one["by"] = drain.author;
    if (!drain.problem.empty()) one["problem"] = drain.problem;
    out["drains"].push_back(std::move(one));
  }
  if (!status.drains_error.empty()) out["drains_error"] = status.drains_error;
  out["containers"] = Value::array();
  for (const ContainerStatus& container : status.containers) out["containers"].push_back(container_json(container));
  return json::dump(out);
}

status::MetricSet metrics_of(const AgentStatus& status) {
  const auto gauge = [](std::string name, std::string help, double value) {
    return metric(std::move(name), std::move(help), MetricKind::gauge, value);
  };
  const auto as_double = [](std::size_t number) { return static_cast<double>(number); };
  status::MetricSet set;
  set.push_back(
      gauge("longshore_agent_docker_connected", "1 while the event stream is open.", status.docker_connected));
  set.push_back(gauge("longshore_agent_consul_connected", "1 while Consul's agent answers.", status.consul_connected));
  set.push_back(gauge("longshore_agent_containers", "Containers known to run or to be inspected.",
                      as_double(status.containers.size())));
  set.push_back({"longshore_agent_services",
                 "Services by state.",
                 MetricKind::gauge,
                 {{{{"state", "registered"}}, as_double(status.registered)},
                  {{{"state", "failing"}}, as_double(status.failing)},
                  {{{"state", "in_flight"}}, as_double(status.in_flight)},
                  {{{"state", "withheld"}}, as_double(status.withheld)},
                  {{{"state", "rejected"}}, as_double(status.rejected)}}});
  set.push_back(counter("longshore_agent_docker_connections_total", "Connections tried.", status.docker.connections));
  set.push_back(counter("longshore_agent_docker_events_total", "Events received.", status.docker.events));
  set.push_back(counter("longshore_agent_docker_lists_total", "Container lists read.", status.docker.lists));
  set.push_back(counter("longshore_agent_docker_inspects_total", "Containers inspected.", status.docker.inspects));
  set.push_back(counter("longshore_agent_docker_inspect_failures_total", "Inspects that failed.",
                        status.docker.inspect_failures));
  set.push_back(counter("longshore_agent_reconciles_total",
                        "Complete reads of Consul that were compared with what the containers ask for.",
                        status.consul.reconciles));
  set.push_back(counter("longshore_agent_registrations_total", "Services written.", status.consul.registrations));
  set.push_back(counter("longshore_agent_registration_failures_total", "Registrations that failed.",
                        status.consul.registration_failures));
  set.push_back(counter("longshore_agent_deregistrations_total", "Services removed.", status.consul.deregistrations));
  set.push_back(counter("longshore_agent_deregistration_failures_total", "Deregistrations that failed.",
                        status.consul.deregistration_failures));
  set.push_back(counter("longshore_agent_withdrawals_total", "Withdrawal notes written.", status.consul.withdrawals));
  set.push_back(counter("longshore_agent_withdrawal_failures_total", "Withdrawal notes that failed.",
                        status.consul.withdrawal_failures));
  set.push_back(
      counter("longshore_agent_maintenances_total", "Services taken out by maintenance.", status.consul.maintenances));
  set.push_back(counter("longshore_agent_releases_total", "Services put back from it.", status.consul.releases));
  set.push_back(counter("longshore_agent_maintenance_failures_total", "Both, when they failed.",
                        status.consul.maintenance_failures));
  set.push_back(counter("longshore_agent_corrections_total",
                        "Entries written or removed because Consul listed something else than we left there.",
                        status.consul.corrections));
  set.push_back(gauge("longshore_agent_fed_checks", "TTL checks that get heartbeats.", as_double(status.fed_checks)));
  set.push_back(counter("longshore_agent_heartbeats_total", "Heartbeats sent.", status.heartbeats));
  set.push_back(
      counter("longshore_agent_heartbeat_failures_total", "Heartbeats that failed.", status.heartbeat_failures));
  set.push_back(gauge("longshore_agent_drains", "Drain requests in force.", as_double(status.drains.size())));
  set.push_back(
      gauge("longshore_agent_read_only", "1 while another live agent has our owner.", status.lock == "taken"));
  set.push_back(counter("longshore_agent_session_renewals_total", "Renewals of our session.", status.session_renewals));
  set.push_back(counter("longshore_agent_consul_reads_total", "Reads of the agent's services.", status.consul_reads));
  set.push_back(
      counter("longshore_agent_consul_read_failures_total", "Reads that failed.", status.consul_read_failures));
  set.push_back(gauge("longshore_agent_reaper_leading", "1 while this agent removes lost nodes.",
                      status.reaper.state == "leading"));
  set.push_back(gauge("longshore_agent_failed_nodes", "Nodes that Consul takes for failed, as the reaper sees them.",
                      as_double(status.reaper.failed.size())));
  set.push_back(counter("longshore_agent_nodes_reaped_total", "Lost nodes removed.", status.reaper.counts.reaped));
  set.push_back(counter("longshore_agent_nodes_spared_total", "Nodes whose time was over and that were not removed.",
                        status.reaper.counts.spared));
  set.push_back(counter("longshore_agent_reaper_refusals_total", "Looks at which too many nodes were failed.",
                        status.reaper.counts.refusals));
  set.push_back(
      counter("longshore_agent_node_losses_total", "Times that Consul's catalog lost this node.", status.node_losses));
  return set;
}

}  // namespace longshore::agent
