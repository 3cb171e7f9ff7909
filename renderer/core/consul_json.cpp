#include "renderer/core/consul_json.h"

#include <algorithm>
#include <tuple>

#include "common/tmpl/json_shape.h"
#include "common/tmpl/json_text.h"
#include "common/tmpl/time_value.h"

namespace longshore::render {
namespace {

using Kind = Dependency::Kind;
using namespace tmpl::shape;  // the vocabulary of the tables below
using tmpl::gotime::time_pointer_type;
using tmpl::gotime::time_type;

struct Root {
  static constexpr std::string_view kName = "*api.CARoot";
  static constexpr Slot kSlots[] = {
      {"ID", text},
      {"Name", text},
      {"RootCertPEM", text, "RootCert"},
      {"Active", boolean},
      {"CreateIndex", unsigned64},
      {"ModifyIndex", unsigned64},
  };
};
struct Leaf {
  static constexpr std::string_view kName = "*api.LeafCert";
  static constexpr Slot kSlots[] = {
      {"SerialNumber", text},     {"CertPEM", text},           {"PrivateKeyPEM", text},
      {"Service", text},          {"ServiceURI", text},        {"ValidAfter", time_type},
      {"ValidBefore", time_type}, {"CreateIndex", unsigned64}, {"ModifyIndex", unsigned64},
  };
};
struct Partition {
  static constexpr std::string_view kName = "*dependency.Partition";
  static constexpr Slot kSlots[] = {{"Name", text}, {"Description", text}};
};
struct StreamStatus {
  static constexpr std::string_view kName = "dependency.PeeringStreamStatus";
  static constexpr Slot kSlots[] = {
      {"ImportedServices", texts},        {"ExportedServices", texts},     {"LastHeartbeat", time_pointer_type},
      {"LastReceive", time_pointer_type}, {"LastSend", time_pointer_type},
  };
};
struct RemoteInfo {
  static constexpr std::string_view kName = "dependency.PeeringRemoteInfo";
  static constexpr Slot kSlots[] = {{"Partition", text}, {"Datacenter", text}};
};
struct Peering {
  static constexpr std::string_view kName = "*dependency.Peering";
  static constexpr Slot kSlots[] = {
      {"ID", text},
      {"Name", text},
      {"Partition", text},
      {"Meta", labels},
      {"PeeringState", text},
      {"PeerID", text},
      {"PeerServerName", text},
      {"PeerServerAddresses", texts},
      {"StreamStatus", record<StreamStatus>},
      {"Remote", record<RemoteInfo>},
  };
};
struct Consumers {
  static constexpr std::string_view kName = "dependency.ResolvedConsumers";
  static constexpr Slot kSlots[] = {{"Peers", texts}, {"Partitions", texts}};
};
struct Exported {
  static constexpr std::string_view kName = "dependency.ExportedService";
  static constexpr Slot kSlots[] = {
      {"Service", text}, {"Partition", text}, {"Namespace", text}, {"Consumers", record<Consumers>}};
};
struct Imported {
  static constexpr std::string_view kName = "dependency.ImportedService";
  static constexpr Slot kSlots[] = {{"Service", text}, {"Namespace", text}, {"SourcePartition", text}};
};

const tmpl::Type& type_of(Kind kind) {
  switch (kind) {
    case Kind::ca_roots:
      return list<record<Root>>();
    case Kind::ca_leaf:
      return record<Leaf>();
    case Kind::partitions:
      return list<record<Partition>>();
    case Kind::peerings:
      return list<record<Peering>>();
    case Kind::exported_services:
      return list<record<Exported>>();
    default:
      return list<record<Imported>>();
  }
}

tmpl::Value member(const tmpl::Value& object, std::string_view name) {
  if (object.kind() != tmpl::Kind::map) return {};
  return object.find(name).value_or(tmpl::Value()).unbox();
}

std::string text_at(const tmpl::Value& object, std::string_view name) {
  const tmpl::Value found = member(object, name);
  return found.valid() && found.is_string() ? std::string(found.as_string()) : std::string();
}

tmpl::Value list_at(const tmpl::Value& object, std::string_view name) {
  const tmpl::Value found = member(object, name);
  return found.valid() && found.kind() == tmpl::Kind::list ? found : tmpl::any_list({});
}

// The elements as the original copies them: it renames the state of a peering, and leaves out what it never fills in.
tmpl::Value as_copied(Kind kind, const tmpl::Value& element) {
  if (element.kind() != tmpl::Kind::map) return element;
  if (kind == Kind::exported_services) {
    const tmpl::Value consumers = member(element, "Consumers");
    return tmpl::any_map({{"Service", member(element, "Service")},
                          {"Consumers", tmpl::any_map({{"Peers", list_at(consumers, "Peers")},
                                                       {"Partitions", list_at(consumers, "Partitions")}})}});
  }
  if (kind != Kind::peerings) return element;
  std::vector<std::pair<std::string, tmpl::Value>> entries;
  for (const auto& [name, value] : element.entries()) {
    const bool state = name.as_string() == "State";
    entries.emplace_back(state ? "PeeringState" : std::string(name.as_string()), value);
  }
  return tmpl::any_map(std::move(entries));
}

std::tuple<std::string, std::string, std::string> order_of(Kind kind, const tmpl::Value& element) {
  if (kind == Kind::peerings)
    return {text_at(element, "PeeringState"), text_at(element, "Partition"), text_at(element, "Name")};
  return {text_at(element, kind == Kind::partitions ? "Name" : "Service"), {}, {}};
}

}  // namespace

Result<JsonData> read_consul_json(Kind kind, std::string text) {
  auto json = tmpl::read_json(text);
  if (!json) return fail(Errc::protocol, json.error().text);
  if (kind == Kind::ca_leaf) {
    if (json->kind() != tmpl::Kind::map) return fail(Errc::protocol, "expected an object");
    return JsonData{std::move(text), from_json(type_of(kind), *json)};
  }
  const tmpl::Value elements = kind == Kind::ca_roots ? list_at(*json, "Roots") : *json;
  // null: Go's empty list.
  if (elements.kind() != tmpl::Kind::list && !elements.is_nil_interface())
    return fail(Errc::protocol, "expected an array");
  std::vector<tmpl::Value> copied;
  const std::size_t count = elements.kind() == tmpl::Kind::list ? elements.size() : 0;
  for (std::size_t i = 0; i < count; ++i) copied.push_back(as_copied(kind, elements.at(i).unbox()));
  if (kind != Kind::ca_roots)
    std::ranges::stable_sort(copied, {}, [kind](const tmpl::Value& element) { return order_of(kind, element); });
  return JsonData{std::move(text), from_json(type_of(kind), tmpl::any_list(std::move(copied)))};
}

tmpl::Value no_consul_json(Kind kind) {
  if (kind == Kind::ca_leaf) return tmpl::Value::nil();
  if (kind == Kind::ca_roots) return tmpl::Value::nil_of(type_of(kind));
  return tmpl::Value::list(type_of(kind), {});
}

}  // namespace longshore::render
