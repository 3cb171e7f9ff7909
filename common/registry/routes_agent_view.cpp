// /v1/agent: aggregated health, and what the agent says of itself; /v1/status.
#include "common/registry/exchange.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Value;

// What a version check of a client may rely on: the API that the answers follow.
constexpr char kApiVersion[] = "1.8.7";
constexpr char kServerPort[] = "8300";

struct Health {
  std::string status = "passing";  // passing warning critical maintenance
  Value checks = Value::array();
};

int rank(const std::string& status) {
  if (status == "maintenance") return 3;
  if (status == "critical") return 2;
  return status == "warning" ? 1 : 0;
}

int http_status(const std::string& status) {
  constexpr int kByRank[] = {200, 429, 503, 503};
  return kByRank[rank(status)];
}

Health health_of(const Exchange& x, const std::string& service_id) {
  Health health;
  const std::string& node = x.store.identity().node;
  for (const CheckRecord* record : x.store.catalog().checks_for({node, service_id})) {
    const consul::HealthCheck& check = record->value;
    if (check.check_id == "serfHealth") continue;
    const bool maintenance =
        check.check_id.starts_with("_service_maintenance:") || check.check_id == "_node_maintenance";
    const std::string status = maintenance ? "maintenance" : check.status;
    if (rank(status) > rank(health.status)) health.status = status;
    health.checks.push_back(health_by_agent_json(check, x.store.check_output(*record)));
  }
  return health;
}

Value health_json(const std::string& status, Value service, Value checks) {
  Value out = Value::object();
  out["AggregatedStatus"] = status;
  out["Service"] = std::move(service);
  out["Checks"] = std::move(checks);
  return out;
}

net::Response health_answer(const Exchange& x, const Value& body, int status, const std::string& reason) {
  net::Response response = x.plain_json(body, status);
  if (x.param("format") == "text") {
    response.headers.set("Content-Type", "text/plain");
    response.body = reason;
  }
  response.headers.set("X-Consul-Reason", reason);
  return response;
}

std::string leader(const Exchange& x) {
  const std::string& address = x.store.identity().address;
  const bool ipv6 = address.find(':') != std::string::npos;
  return (ipv6 ? "[" + address + "]" : address) + ":" + kServerPort;
}

Value member_json(const Exchange& x) {
  const Identity& self = x.store.identity();
  Value tags = Value::object();
  tags["dc"] = self.datacenter;
  tags["id"] = self.node_id;
  tags["port"] = kServerPort;
  tags["role"] = "consul";
  tags["build"] = std::string(kApiVersion) + ":longshore";
  Value out = Value::object();
  out["Name"] = self.node;
  out["Addr"] = self.address;
  out["Port"] = 8301;
  out["Tags"] = std::move(tags);
  out["Status"] = 1;
  out["ProtocolMin"] = 1;
  out["ProtocolMax"] = 5;
  out["ProtocolCur"] = 2;
  out["DelegateMin"] = 2;
  out["DelegateMax"] = 5;
  out["DelegateCur"] = 4;
  return out;
}

}  // namespace

Outcome agent_health_by_id(Exchange& x) {
  if (x.rest.empty()) return x.error(500, "Bad request: Missing serviceID");
  const ServiceRecord* record = x.store.catalog().service({x.store.identity().node, x.rest});
  if (record == nullptr) {
    const std::string reason = "ServiceId " + x.rest + " not found";
    return health_answer(x, health_json("critical", Value(), Value()), 404, reason);
  }
  Health health = health_of(x, x.rest);
  const Value body = health_json(health.status, agent_service_json(record->value), std::move(health.checks));
  return health_answer(x, body, http_status(health.status), health.status);
}

Outcome agent_health_by_name(Exchange& x) {
  if (x.rest.empty()) return x.error(500, "Bad request: Missing service Name");
  std::string worst = "passing";
  Value out = Value::array();
  for (const OnNode& id : x.store.catalog().instances(x.rest)) {
    if (id.first != x.store.identity().node) continue;
    Health health = health_of(x, id.second);
    if (rank(health.status) > rank(worst)) worst = health.status;
    const consul::Service& service = x.store.catalog().service(id)->value;
    out.push_back(health_json(health.status, agent_service_json(service), std::move(health.checks)));
  }
  if (out.empty()) return health_answer(x, out, 404, "ServiceName " + x.rest + " Not Found");
  return health_answer(x, out, http_status(worst), worst);
}

Outcome agent_self(Exchange& x) {
  const Identity& self = x.store.identity();
  Value config = Value::object();
  config["Datacenter"] = self.datacenter;
  config["NodeName"] = self.node;
  config["NodeID"] = self.node_id;
  config["Revision"] = "longshore";
  config["Server"] = true;
  config["Version"] = kApiVersion;
  Value out = Value::object();
  out["Config"] = std::move(config);
  out["DebugConfig"] = Value::object();
  out["DebugConfig"]["AdvertiseAddrLAN"] = self.address;
  out["DebugConfig"]["EnableRemoteScriptChecks"] = false;
  out["Member"] = member_json(x);
  out["Meta"] = Value::object();
  out["Meta"]["consul-network-segment"] = "";
  out["Stats"] = Value::object();
  return x.plain_json(out);
}

Outcome agent_members(Exchange& x) {
  Value out = Value::array();
  out.push_back(member_json(x));
  return x.plain_json(out);
}

Outcome agent_metrics(Exchange& x) {
  Value gauge = Value::object();
  gauge["Name"] = "consul.raft.last_index";
  gauge["Value"] = x.store.index();
  gauge["Labels"] = Value::object();
  Value out = Value::object();
  out["Timestamp"] = "";
  out["Gauges"] = Value::array();
  out["Gauges"].push_back(std::move(gauge));
  for (const char* none : {"Points", "Counters", "Samples"}) out[none] = Value::array();
  return x.plain_json(out);
}

// join, leave, force-leave, reload: there is one node, and its options are its process's.
Outcome agent_nothing(Exchange& x) {
  return x.empty_ok();
}

Outcome status_leader(Exchange& x) {
  return x.plain_json(leader(x));
}

Outcome status_peers(Exchange& x) {
  Value out = Value::array();
  out.push_back(leader(x));
  return x.plain_json(out);
}

Outcome raft_configuration(Exchange& x) {
  Value server = Value::object();
  server["ID"] = x.store.identity().node_id;
  server["Node"] = x.store.identity().node;
  server["Address"] = leader(x);
  server["Leader"] = true;
  server["ProtocolVersion"] = "3";
  server["Voter"] = true;
  Value out = Value::object();
  out["Servers"] = Value::array();
  out["Servers"].push_back(std::move(server));
  out["Index"] = 0;
  return x.plain_json(out);
}

Outcome front_page(Exchange& x) {
  return x.error(200,
                 "longshore registry: Consul's HTTP API for one host.\n"
                 "Try /v1/catalog/services, /v1/agent/services, /v1/kv/?keys, /healthz, /metrics.\n");
}

}  // namespace longshore::registry
