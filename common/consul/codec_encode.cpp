#include "common/consul/codec_values.h"

namespace longshore::consul {
namespace {

using json::Value;

void put(Value& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}
void put(Value& object, const char* key, bool flag) {
  if (flag) object[key] = true;
}
void put(Value& object, const char* key, int number) {
  if (number != 0) object[key] = number;
}
void put(Value& object, const char* key, base::Duration duration) {
  if (duration != base::Duration{}) object[key] = base::format_duration(duration);
}
template <class Container>
void put_all(Value& object, const char* key, const Container& container) {
  if (!container.empty()) object[key] = container;
}

}  // namespace

Value to_json(const TaggedAddress& address) {
  return Value{{"Address", address.address}, {"Port", address.port}};
}

Value to_json(const Weights& weights) {
  return Value{{"Passing", weights.passing}, {"Warning", weights.warning}};
}

Value to_json(const CheckDefinition& check) {
  Value out = Value::object();
  put(out, "CheckID", check.check_id);
  put(out, "Name", check.name);
  put(out, "Notes", check.notes);
  put(out, "HTTP", check.http);
  put(out, "Method", check.method);
  put_all(out, "Header", check.header);
  put(out, "Body", check.body);
  put(out, "DisableRedirects", check.disable_redirects);
  put(out, "TCP", check.tcp);
  put(out, "TCPUseTLS", check.tcp_use_tls);
  put(out, "UDP", check.udp);
  put(out, "GRPC", check.grpc);
  put(out, "GRPCUseTLS", check.grpc_use_tls);
  put(out, "H2PING", check.h2ping);
  // Absent it may mean true.
  if (!check.h2ping.empty()) out["H2PingUseTLS"] = check.h2ping_use_tls;
  put_all(out, "Args", check.args);
  put(out, "DockerContainerID", check.docker_container_id);
  put(out, "Shell", check.shell);
  put(out, "AliasNode", check.alias_node);
  put(out, "AliasService", check.alias_service);
  put(out, "OSService", check.os_service);
  put(out, "TTL", check.ttl);
  put(out, "Interval", check.interval);
  put(out, "Timeout", check.timeout);
  put(out, "TLSSkipVerify", check.tls_skip_verify);
  put(out, "TLSServerName", check.tls_server_name);
  put(out, "Status", check.status);
  put(out, "SuccessBeforePassing", check.success_before_passing);
  put(out, "FailuresBeforeWarning", check.failures_before_warning);
  put(out, "FailuresBeforeCritical", check.failures_before_critical);
  put(out, "OutputMaxSize", check.output_max_size);
  put(out, "DeregisterCriticalServiceAfter", check.deregister_critical_after);
  return out;
}

std::string encode_registration(const Registration& registration) {
  Value out = Value::object();
  put(out, "ID", registration.id);
  put(out, "Name", registration.name);
  put_all(out, "Tags", registration.tags);
  put(out, "Port", static_cast<int>(registration.port));
  put(out, "Address", registration.address);
  put_all(out, "Meta", registration.meta);
  for (const auto& [name, address] : registration.tagged_addresses) out["TaggedAddresses"][name] = to_json(address);
  put(out, "EnableTagOverride", registration.enable_tag_override);
  if (registration.weights) out["Weights"] = to_json(*registration.weights);
  // As Registrator sends it: one check alone is `Check`. Consul derives the same CheckID for both forms.
  // An empty `Check` would mean none, so an empty check goes into the list, where Consul refuses it.
  if (registration.checks.size() == 1 && registration.checks.front() != CheckDefinition{}) {
    out["Check"] = to_json(registration.checks.front());
  } else {
    for (const CheckDefinition& check : registration.checks) out["Checks"].push_back(to_json(check));
  }
  return json::dump(out);
}

std::string encode_check_registration(const CheckRegistration& registration) {
  Value out = to_json(registration.check);
  put(out, "ServiceID", registration.service_id);
  return json::dump(out);
}

std::string encode_ttl_update(std::string_view status, std::string_view output) {
  return json::dump(Value{{"Status", std::string(status)}, {"Output", std::string(output)}});
}

std::string encode_session_request(const SessionRequest& request) {
  Value out = Value::object();
  put(out, "Name", request.name);
  put(out, "Node", request.node);
  put(out, "TTL", request.ttl);
  put(out, "Behavior", request.behavior);
  // "0s" turns the delay off, so zero is sent.
  if (request.lock_delay) out["LockDelay"] = base::format_duration(*request.lock_delay);
  if (request.node_checks) out["NodeChecks"] = *request.node_checks;
  return json::dump(out);
}

std::string encode_txn(const std::vector<TxnOperation>& operations) {
  Value out = Value::array();
  for (const TxnOperation& operation : operations) {
    Value kv = Value::object();
    put(kv, "Verb", operation.verb);
    put(kv, "Key", operation.key);
    put(kv, "Value", encode_base64(operation.value));
    if (operation.flags != 0) kv["Flags"] = operation.flags;
    if (operation.index != 0) kv["Index"] = operation.index;
    put(kv, "Session", operation.session);
    Value one = Value::object();
    one["KV"] = std::move(kv);
    out.push_back(std::move(one));
  }
  return json::dump(out);
}

}  // namespace longshore::consul
