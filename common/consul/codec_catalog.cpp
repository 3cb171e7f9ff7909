#include "common/consul/codec_values.h"

namespace longshore::consul {
namespace {

using json::Fields;
using json::Value;

std::uint16_t usable_port(std::int64_t port) {
  return port < 0 || port > 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

std::string indexed(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

Result<std::map<std::string, TaggedAddress>> tagged_addresses(const Fields& fields) {
  std::map<std::string, TaggedAddress> out;
  LS_TRY(map, fields.object("TaggedAddresses"));
  if (map == nullptr) return out;
  for (const auto& [name, item] : map->items()) {
    const Fields one(item, fields.path("TaggedAddresses." + name));
    LS_TRY(address, one.text("Address"));
    LS_TRY(port, one.integer("Port"));
    out.emplace(name, TaggedAddress{std::move(address), usable_port(port)});
  }
  return out;
}

Result<Weights> weights(const Fields& fields) {
  LS_TRY(object, fields.object("Weights"));
  if (object == nullptr) return Weights{};
  const Fields one(*object, fields.path("Weights"));
  LS_TRY(passing, one.integer("Passing"));
  LS_TRY(warning, one.integer("Warning"));
  return Weights{static_cast<int>(passing), static_cast<int>(warning)};
}

// A list document, null included; `each` turns one item into a T.
template <class T, class Each>
Result<std::vector<T>> list_of(const Value& list, const std::string& path, Each each) {
  std::vector<T> out;
  if (list.is_null()) return out;
  if (!list.is_array()) return fail(Errc::protocol, path + ": expected an array, found " + list.type_name());
  out.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    LS_TRY(item, each(list[i], indexed(path, i)));
    out.push_back(std::move(item));
  }
  return out;
}

template <class T, class Each>
Result<std::map<std::string, T>> map_of(const Value& map, const std::string& path, Each each) {
  std::map<std::string, T> out;
  if (map.is_null()) return out;
  if (!map.is_object()) return fail(Errc::protocol, path + ": expected an object, found " + map.type_name());
  for (const auto& [key, value] : map.items()) {
    LS_TRY(item, each(value, path + "." + key));
    out.emplace(key, std::move(item));
  }
  return out;
}

}  // namespace

Status require_object(const Value& value, const std::string& path) {
  if (value.is_object()) return {};
  return fail(Errc::protocol, path + ": expected an object, found " + std::string(value.type_name()));
}

Result<Service> service_from(const Value& value, const std::string& path) {
  LS_TRY_STATUS(require_object(value, path));
  const Fields fields(value, path);
  LS_TRY(id, fields.text("ID"));
  LS_TRY(name, fields.text("Service"));
  LS_TRY(tags, fields.texts("Tags"));
  LS_TRY(port, fields.integer("Port"));
  LS_TRY(address, fields.text("Address"));
  LS_TRY(meta, fields.text_map("Meta"));
  LS_TRY(tagged, tagged_addresses(fields));
  LS_TRY(override_tags, fields.boolean("EnableTagOverride"));
  LS_TRY(weight, weights(fields));
  Service out;
  out.id = std::move(id);
  out.name = std::move(name);
  out.tags = std::move(tags);
  out.port = usable_port(port);
  out.address = std::move(address);
  out.meta = std::move(meta);
  out.tagged_addresses = std::move(tagged);
  out.enable_tag_override = override_tags;
  out.weights = weight;
  return out;
}

Result<HealthCheck> health_check_from(const Value& value, const std::string& path) {
  LS_TRY_STATUS(require_object(value, path));
  const Fields fields(value, path);
  HealthCheck out;
  const std::pair<const char*, std::string*> texts[] = {{"Node", &out.node},
                                                        {"CheckID", &out.check_id},
                                                        {"Name", &out.name},
                                                        {"Status", &out.status},
                                                        {"Notes", &out.notes},
                                                        {"Output", &out.output},
                                                        {"ServiceID", &out.service_id},
                                                        {"ServiceName", &out.service_name},
                                                        {"Type", &out.type}};
  for (const auto& [key, target] : texts) {
    LS_TRY(text, fields.text(key));
    *target = std::move(text);
  }
  LS_TRY(tags, fields.texts("ServiceTags"));
  out.service_tags = std::move(tags);
  return out;
}

Result<Node> node_from(const Value& value, const std::string& path) {
  LS_TRY_STATUS(require_object(value, path));
  const Fields fields(value, path);
  Node out;
  const std::pair<const char*, std::string*> texts[] = {
      {"ID", &out.id}, {"Node", &out.node}, {"Address", &out.address}, {"Datacenter", &out.datacenter}};
  for (const auto& [key, target] : texts) {
    LS_TRY(text, fields.text(key));
    *target = std::move(text);
  }
  LS_TRY(tagged, fields.text_map("TaggedAddresses"));
  LS_TRY(meta, fields.text_map("Meta"));
  out.tagged_addresses = std::move(tagged);
  out.meta = std::move(meta);
  return out;
}

namespace {

bool is_null(const Value& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null();
}

// With what templates see of a record: which maps are none.
template <class T, Result<T> (*decode)(const Value&, const std::string&)>
Result<T> catalog_record(const Value& value, const std::string& path) {
  LS_TRY(out, decode(value, path));
  out.null_meta = is_null(value, "Meta");
  out.null_tagged_addresses = is_null(value, "TaggedAddresses");
  return out;
}

}  // namespace

Result<std::map<std::string, Service>> decode_agent_services(std::string_view text) {
  LS_TRY(document, json::parse(text, "agent services"));
  return map_of<Service>(document, "services", service_from);
}

Result<std::map<std::string, HealthCheck>> decode_agent_checks(std::string_view text) {
  LS_TRY(document, json::parse(text, "agent checks"));
  return map_of<HealthCheck>(document, "checks", health_check_from);
}

Result<Service> decode_service(std::string_view text) {
  LS_TRY(document, json::parse(text, "service"));
  return service_from(document, "service");
}

Result<AgentSelf> decode_agent_self(std::string_view text) {
  LS_TRY(document, json::parse(text, "agent self"));
  LS_TRY_STATUS(require_object(document, "self"));
  const Fields self(document, "");
  LS_TRY(config, self.object("Config"));
  LS_TRY(member, self.object("Member"));
  LS_TRY(debug, self.object("DebugConfig"));
  if (config == nullptr) return fail(Errc::protocol, "agent self: no Config");
  const Fields fields(*config, "Config");
  AgentSelf out;
  const std::pair<const char*, std::string*> texts[] = {{"NodeName", &out.node_name},
                                                        {"NodeID", &out.node_id},
                                                        {"Datacenter", &out.datacenter},
                                                        {"Version", &out.version}};
  for (const auto& [key, target] : texts) {
    LS_TRY(value, fields.text(key));
    *target = std::move(value);
  }
  if (member != nullptr) {
    LS_TRY(address, Fields(*member, "Member").text("Addr"));
    out.advertise_address = std::move(address);
  }
  if (out.advertise_address.empty() && debug != nullptr) {
    LS_TRY(address, Fields(*debug, "DebugConfig").text("AdvertiseAddrLAN"));
    out.advertise_address = std::move(address);
  }
  return out;
}

Result<std::vector<HealthCheck>> decode_health_checks(std::string_view text) {
  LS_TRY(document, json::parse(text, "health checks"));
  return list_of<HealthCheck>(document, "checks", health_check_from);
}

Result<std::vector<Node>> decode_nodes(std::string_view text) {
  LS_TRY(document, json::parse(text, "catalog nodes"));
  return list_of<Node>(document, "nodes", catalog_record<Node, node_from>);
}

Result<std::optional<NodeServices>> decode_catalog_node(std::string_view text) {
  LS_TRY(document, json::parse(text, "catalog node"));
  if (document.is_null()) return std::nullopt;
  LS_TRY_STATUS(require_object(document, "node"));
  const Fields fields(document, "");
  LS_TRY(node, fields.object("Node"));
  LS_TRY(services, fields.object("Services"));
  if (node == nullptr) return std::nullopt;
  NodeServices out;
  LS_TRY(decoded_node, (catalog_record<Node, node_from>(*node, "Node")));
  out.node = std::move(decoded_node);
  if (services != nullptr) {
    LS_TRY(decoded_services, (map_of<Service>(*services, "Services", catalog_record<Service, service_from>)));
    out.services = std::move(decoded_services);
  }
  return out;
}

}  // namespace longshore::consul
