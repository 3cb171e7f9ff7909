#include "common/registry/wire.h"

#include "common/consul/codec_values.h"

namespace longshore::registry {
namespace {

using json::Value;

Value texts(const std::vector<std::string>& list) {
  Value out = Value::array();
  for (const std::string& text : list) out.push_back(text);
  return out;
}

Value text_map(const consul::StringMap& map) {
  Value out = Value::object();
  for (const auto& [key, value] : map) out[key] = value;
  return out;
}

// The catalog tells an empty map as null, the agent as {}.
Value nullable_map(const consul::StringMap& map) {
  return map.empty() ? Value() : text_map(map);
}

Value tagged(const std::map<std::string, consul::TaggedAddress>& addresses) {
  Value out = Value::object();
  for (const auto& [name, address] : addresses) out[name] = consul::to_json(address);
  return out;
}

template <class T>
void put_indexes(Value& out, const Indexed<T>& record) {
  out["CreateIndex"] = record.created;
  out["ModifyIndex"] = record.modified;
}

Value proxy() {
  Value out = Value::object();
  out["MeshGateway"] = Value::object();
  out["Expose"] = Value::object();
  return out;
}

Value health_check(const consul::HealthCheck& check, const std::string& output) {
  Value out = Value::object();
  out["Node"] = check.node;
  out["CheckID"] = check.check_id;
  out["Name"] = check.name;
  out["Status"] = check.status;
  out["Notes"] = check.notes;
  out["Output"] = output;
  out["ServiceID"] = check.service_id;
  out["ServiceName"] = check.service_name;
  out["ServiceTags"] = texts(check.service_tags);
  out["Type"] = check.type;
  out["Definition"] = Value::object();
  return out;
}

}  // namespace

Value node_json(const NodeRecord& node) {
  Value out = Value::object();
  out["ID"] = node.value.id;
  out["Node"] = node.value.node;
  out["Address"] = node.value.address;
  out["Datacenter"] = node.value.datacenter;
  out["TaggedAddresses"] = nullable_map(node.value.tagged_addresses);
  out["Meta"] = nullable_map(node.value.meta);
  put_indexes(out, node);
  return out;
}

Value agent_service_json(const consul::Service& service) {
  Value out = Value::object();
  out["ID"] = service.id;
  out["Service"] = service.name;
  out["Tags"] = texts(service.tags);
  out["Meta"] = text_map(service.meta);
  out["Port"] = service.port;
  out["Address"] = service.address;
  if (!service.tagged_addresses.empty()) out["TaggedAddresses"] = tagged(service.tagged_addresses);
  out["Weights"] = consul::to_json(service.weights);
  out["EnableTagOverride"] = service.enable_tag_override;
  return out;
}

Value service_json(const ServiceRecord& service) {
  Value out = agent_service_json(service.value);
  out["Meta"] = nullable_map(service.value.meta);
  out["Proxy"] = proxy();
  out["Connect"] = Value::object();
  put_indexes(out, service);
  return out;
}

Value check_json(const CheckRecord& check) {
  Value out = health_check(check.value, check.value.output);
  put_indexes(out, check);
  return out;
}

Value agent_check_json(const consul::HealthCheck& check, const std::string& output) {
  Value out = health_check(check, output);
  out["CreateIndex"] = 0;
  out["ModifyIndex"] = 0;
  return out;
}

Value health_by_agent_json(const consul::HealthCheck& check, const std::string& output) {
  Value out = agent_check_json(check, output);
  out["Type"] = "";
  if (check.service_tags.empty()) out["ServiceTags"] = Value();
  Value& definition = out["Definition"];
  for (const char* none : {"HTTP", "Method", "Body", "TCP"}) definition[none] = "";
  for (const char* none : {"Interval", "Timeout", "DeregisterCriticalServiceAfter"}) definition[none] = "0s";
  definition["Header"] = Value();
  definition["TLSSkipVerify"] = false;
  return out;
}

Value catalog_service_json(const NodeRecord& node, const ServiceRecord& service) {
  Value out = node_json(node);
  out["NodeMeta"] = std::move(out["Meta"]);
  out.erase("Meta");
  out["ServiceKind"] = "";
  out["ServiceID"] = service.value.id;
  out["ServiceName"] = service.value.name;
  out["ServiceTags"] = texts(service.value.tags);
  out["ServiceAddress"] = service.value.address;
  if (!service.value.tagged_addresses.empty()) out["ServiceTaggedAddresses"] = tagged(service.value.tagged_addresses);
  out["ServiceWeights"] = consul::to_json(service.value.weights);
  out["ServiceMeta"] = text_map(service.value.meta);
  out["ServicePort"] = service.value.port;
  out["ServiceEnableTagOverride"] = service.value.enable_tag_override;
  out["ServiceProxy"] = proxy();
  out["ServiceConnect"] = Value::object();
  put_indexes(out, service);
  return out;
}

Value kv_json(const consul::KvPair& pair, bool with_value) {
  Value out = Value::object();
  out["LockIndex"] = pair.lock_index;
  out["Key"] = pair.key;
  out["Flags"] = pair.flags;
  // Go tells an empty value as null.
  out["Value"] = with_value && !pair.value.empty() ? Value(consul::encode_base64(pair.value)) : Value();
  if (!pair.session.empty()) out["Session"] = pair.session;
  out["CreateIndex"] = pair.create_index;
  out["ModifyIndex"] = pair.modify_index;
  return out;
}

Value session_json(const SessionRecord& session) {
  Value out = Value::object();
  out["ID"] = session.id;
  out["Name"] = session.name;
  out["Node"] = session.node;
  out["LockDelay"] = session.lock_delay.count();
  out["Behavior"] = session.behavior;
  out["TTL"] = session.ttl_text;
  out["NodeChecks"] = texts(session.node_checks);
  out["ServiceChecks"] = Value();
  out["CreateIndex"] = session.created;
  out["ModifyIndex"] = session.modified;
  return out;
}

}  // namespace longshore::registry
