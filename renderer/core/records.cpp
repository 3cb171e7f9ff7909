#include "renderer/core/records.h"

#include "renderer/core/check_record.h"

namespace longshore::tmpl {

using render::CatalogEntry;
using render::Instance;
using render::KeyPair;
using render::NodeData;

namespace {

using Tags = std::vector<std::string>;

// dependency.ServiceTags: a named []string.
const Type& tags_type() {
  static const Type plain = [] {
    Type type = types::list_of("dependency.ServiceTags", types::kString);
    type.unnamed = &types::kListOfString;
    return type;
  }();
  static const Type view = [] {
    Type type = GoType<Tags>::type();
    type.name = "dependency.ServiceTags";
    type.unnamed = &types::kListOfString;
    type.plain = &plain;
    return type;
  }();
  return view;
}

Value tags_of(const Tags& tags, const Owner& owner) {
  return Value::view(tags_type(), &tags, owner);
}

// A computed or renamed field: from an object of type T to a value.
template <class T, const Type& (*type)(), Value (*get)(const T&, const Owner&)>
constexpr FieldOps computed(std::string_view name) {
  return {name, type,
          [](const void* object, const Owner& owner) { return get(*static_cast<const T*>(object), owner); }};
}

const Type& string_type() {
  return types::kString;
}
const Type& int_type() {
  return types::kInt;
}
const Type& uint64_type() {
  return types::kUint64;
}
Value text(const std::string& value, const Owner& owner) {
  return Value::string_view(value, owner);
}

}  // namespace

template <>
struct GoType<consul::Weights> : RecordBinding<consul::Weights> {
  static constexpr std::string_view kName = "api.AgentWeights";
  static constexpr bool kPointer = false;
  static constexpr FieldOps kFields[] = {field<&consul::Weights::passing>("Passing"),
                                         field<&consul::Weights::warning>("Warning")};
};

template <>
struct GoType<consul::TaggedAddress> : RecordBinding<consul::TaggedAddress> {
  using A = consul::TaggedAddress;
  static constexpr std::string_view kName = "api.ServiceAddress";
  static constexpr bool kPointer = false;
  static Value port(const A& address, const Owner&) { return Value::integer(address.port); }
  static constexpr FieldOps kFields[] = {field<&A::address>("Address"), computed<A, int_type, port>("Port")};
};

namespace {

const Type& strings_type() {
  return GoType<consul::StringMap>::type();
}
// Of a node or a service. Go's nil map where Consul says null, or nothing.
template <class T>
Value meta_of(const T& object, const Owner& owner) {
  return object.null_meta ? Value::nil_of(strings_type()) : view_of(object.meta, owner);
}
template <class T>
Value tagged_of(const T& object, const Owner& owner) {
  using Map = std::remove_cvref_t<decltype(object.tagged_addresses)>;
  return object.null_tagged_addresses ? Value::nil_of(GoType<Map>::type()) : view_of(object.tagged_addresses, owner);
}

}  // namespace

template <>
struct GoType<Instance> : RecordBinding<Instance> {
  using I = Instance;
  static constexpr std::string_view kName = "dependency.HealthService";

  static Value node(const I& i, const Owner& o) { return text(i.entry.node.node, o); }
  static Value node_id(const I& i, const Owner& o) { return text(i.entry.node.id, o); }
  static Value node_address(const I& i, const Owner& o) { return text(i.entry.node.address, o); }
  static Value node_tagged(const I& i, const Owner& o) { return tagged_of(i.entry.node, o); }
  static Value node_meta(const I& i, const Owner& o) { return meta_of(i.entry.node, o); }
  static Value service_meta(const I& i, const Owner& o) { return meta_of(i.entry.service, o); }
  static Value address(const I& i, const Owner& o) {
    return text(i.entry.service.address.empty() ? i.entry.node.address : i.entry.service.address, o);
  }
  static Value service_tagged(const I& i, const Owner& o) { return tagged_of(i.entry.service, o); }
  static Value id(const I& i, const Owner& o) { return text(i.entry.service.id, o); }
  static Value name(const I& i, const Owner& o) { return text(i.entry.service.name, o); }
  static Value tags(const I& i, const Owner& o) { return tags_of(i.entry.service.tags, o); }
  static Value checks(const I& i, const Owner& o) { return render::view_of_checks(i.entry.checks, o); }
  static Value status(const I& i, const Owner&) { return Value::string(std::string(to_string(i.health))); }
  static Value port(const I& i, const Owner&) { return Value::integer(i.entry.service.port); }
  static Value weights(const I& i, const Owner& o) { return view_of(i.entry.service.weights, o); }

  static constexpr FieldOps kFields[] = {
      computed<I, string_type, node>("Node"),
      computed<I, string_type, node_id>("NodeID"),
      computed<I, string_type, node_address>("NodeAddress"),
      computed<I, strings_type, node_tagged>("NodeTaggedAddresses"),
      computed<I, strings_type, node_meta>("NodeMeta"),
      computed<I, strings_type, service_meta>("ServiceMeta"),
      computed<I, string_type, address>("Address"),
      computed<I, GoType<std::map<std::string, consul::TaggedAddress>>::type, service_tagged>("ServiceTaggedAddresses"),
      computed<I, string_type, id>("ID"),
      computed<I, string_type, name>("Name"),
      computed<I, tags_type, tags>("Tags"),
      computed<I, render::checks_type, checks>("Checks"),
      computed<I, string_type, status>("Status"),
      computed<I, int_type, port>("Port"),
      computed<I, GoType<consul::Weights>::type, weights>("Weights"),
  };
};

template <>
struct GoType<CatalogEntry> : RecordBinding<CatalogEntry> {
  static constexpr std::string_view kName = "dependency.CatalogSnippet";
  static Value tags(const CatalogEntry& entry, const Owner& owner) { return tags_of(entry.tags, owner); }
  static constexpr FieldOps kFields[] = {field<&CatalogEntry::name>("Name"),
                                         computed<CatalogEntry, tags_type, tags>("Tags")};
};

template <>
struct GoType<consul::Node> : RecordBinding<consul::Node> {
  using N = consul::Node;
  static constexpr std::string_view kName = "dependency.Node";
  static constexpr FieldOps kFields[] = {field<&N::id>("ID"),
                                         field<&N::node>("Node"),
                                         field<&N::address>("Address"),
                                         field<&N::datacenter>("Datacenter"),
                                         computed<N, strings_type, tagged_of>("TaggedAddresses"),
                                         computed<N, strings_type, meta_of>("Meta")};
};

template <>
struct GoType<consul::Service> : RecordBinding<consul::Service> {
  using S = consul::Service;
  static constexpr std::string_view kName = "dependency.CatalogNodeService";
  static Value tags(const S& service, const Owner& owner) { return tags_of(service.tags, owner); }
  static Value port(const S& service, const Owner&) { return Value::integer(service.port); }
  static constexpr FieldOps kFields[] = {field<&S::id>("ID"),
                                         field<&S::name>("Service"),
                                         computed<S, tags_type, tags>("Tags"),
                                         computed<S, strings_type, meta_of>("Meta"),
                                         computed<S, int_type, port>("Port"),
                                         field<&S::address>("Address"),
                                         field<&S::enable_tag_override>("EnableTagOverride")};
};

template <>
struct GoType<NodeData> : RecordBinding<NodeData> {
  static constexpr std::string_view kName = "dependency.CatalogNode";
  static constexpr FieldOps kFields[] = {field<&NodeData::node>("Node"), field<&NodeData::services>("Services")};
};

template <>
struct GoType<KeyPair> : RecordBinding<KeyPair> {
  using K = KeyPair;
  static constexpr std::string_view kName = "dependency.KeyPair";
  static Value path(const K& k, const Owner& o) { return text(k.pair.key, o); }
  static Value key(const K& k, const Owner& o) {
    return Value::string_view(std::string_view(k.pair.key).substr(k.key_from), o);
  }
  static Value value(const K& k, const Owner& o) { return text(k.pair.value, o); }
  static Value created(const K& k, const Owner&) {
    return Value::unsigned_integer(k.pair.create_index, types::kUint64);
  }
  static Value modified(const K& k, const Owner&) {
    return Value::unsigned_integer(k.pair.modify_index, types::kUint64);
  }
  static Value locked(const K& k, const Owner&) { return Value::unsigned_integer(k.pair.lock_index, types::kUint64); }
  static Value flags(const K& k, const Owner&) { return Value::unsigned_integer(k.pair.flags, types::kUint64); }
  static Value session(const K& k, const Owner& o) { return text(k.pair.session, o); }
  static constexpr FieldOps kFields[] = {
      computed<K, string_type, path>("Path"),
      computed<K, string_type, key>("Key"),
      computed<K, string_type, value>("Value"),
      computed<K, uint64_type, created>("CreateIndex"),
      computed<K, uint64_type, modified>("ModifyIndex"),
      computed<K, uint64_type, locked>("LockIndex"),
      computed<K, uint64_type, flags>("Flags"),
      computed<K, string_type, session>("Session"),
  };
};

}  // namespace longshore::tmpl

namespace longshore::render {
namespace {

// A Go slice of pointers into data that the selection keeps alive.
template <class Chosen, class Element, std::vector<const Element*> Chosen::*Items>
const tmpl::Type& chosen_type() {
  static constexpr tmpl::ListOps kOps{
      [](const void* object) { return (static_cast<const Chosen*>(object)->*Items).size(); },
      [](const void* object, std::size_t index, const tmpl::Owner& owner) {
        return tmpl::GoType<Element>::view(*(static_cast<const Chosen*>(object)->*Items)[index], owner);
      }};
  static const tmpl::Type type = [] {
    // The same Go type as that of a vector of such elements.
    tmpl::Type chosen = tmpl::GoType<std::vector<Element>>::type();
    chosen.list = &kOps;
    return chosen;
  }();
  return type;
}

template <class Owning, class List>
tmpl::Value view_within(const std::shared_ptr<const Owning>& owner, const List& list) {
  return tmpl::view_of(list, owner);
}

}  // namespace

tmpl::Value view_of_selection(std::shared_ptr<const Selection> selection) {
  return tmpl::Value::view(chosen_type<Selection, Instance, &Selection::instances>(), std::move(selection));
}
tmpl::Value view_of_pairs(std::shared_ptr<const PairSelection> selection) {
  return tmpl::Value::view(chosen_type<PairSelection, KeyPair, &PairSelection::pairs>(), std::move(selection));
}
tmpl::Value view_of_catalog(const std::shared_ptr<const CatalogData>& data) {
  return view_within(data, data->services);
}
tmpl::Value view_of_nodes(const std::shared_ptr<const NodesData>& data) {
  return view_within(data, data->nodes);
}
tmpl::Value view_of_node(const std::shared_ptr<const NodeData>& data) {
  return tmpl::view_of(data);
}
tmpl::Value view_of_datacenters(const std::shared_ptr<const DatacentersData>& data) {
  return view_within(data, data->names);
}

tmpl::Value no_selection() {
  return view_of_selection(std::make_shared<const Selection>());
}
tmpl::Value no_pairs() {
  return view_of_pairs(std::make_shared<const PairSelection>());
}
tmpl::Value no_catalog() {
  return view_of_catalog(std::make_shared<const CatalogData>());
}
tmpl::Value no_nodes() {
  return view_of_nodes(std::make_shared<const NodesData>());
}

}  // namespace longshore::render
