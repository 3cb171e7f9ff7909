// /v1/catalog: reading.
#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/registry/exchange.h"
#include "common/registry/selection.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Value;
using Kind = Topic::Kind;

// Both forms of a node's services; nothing when the node is unknown.
std::optional<Value> services_of_node(const Exchange& x, const Filter& filter) {
  const Catalog& catalog = x.store.catalog();
  if (!catalog.nodes().contains(x.rest)) return std::nullopt;
  Value out = Value::array();
  const auto& services = catalog.services();
  for (auto it = services.lower_bound({x.rest, ""}); it != services.end() && it->first.first == x.rest; ++it)
    out.push_back(service_json(it->second));
  filter.apply(out);
  return out;
}

std::uint64_t node_index(const Exchange& x) {
  const Catalog& catalog = x.store.catalog();
  if (!catalog.nodes().contains(x.rest)) return 1;
  return std::max(catalog.nodes_index(), catalog.services_index());
}

// What both node routes begin with.
std::optional<Outcome> node_preamble(Exchange& x, Filter& filter) {
  if (x.rest.empty()) return x.error(400, "Missing node name");
  if (auto bad = x.bad_options()) return *bad;
  auto parsed = Filter::parse(x.param("filter"), FilterTarget::service);
  if (!parsed) return x.rpc_error(filter_problem(parsed.error()));
  filter = *std::move(parsed);
  if (auto wait = x.park(node_index(x), {{Kind::node_services, x.rest}})) return *std::move(wait);
  return std::nullopt;
}

}  // namespace

std::string filter_problem(const Error& error) {
  return "Failed to create boolean expression evaluator: " + error.text;
}

bool meta_matches(const Exchange& x, const consul::StringMap& meta) {
  for (const std::string& wanted : x.params("node-meta")) {
    const std::size_t colon = wanted.find(':');
    const auto found = meta.find(wanted.substr(0, colon));
    const std::string value = colon == std::string::npos ? "" : wanted.substr(colon + 1);
    if (found == meta.end() || found->second != value) return false;
  }
  return true;
}

bool tags_match(const Exchange& x, const std::vector<std::string>& tags) {
  for (const std::string& wanted : x.params("tag")) {
    const bool found = std::any_of(tags.begin(), tags.end(),
                                   [&](const std::string& tag) { return base::equal_ignore_case_ascii(tag, wanted); });
    if (!found) return false;
  }
  return true;
}

Outcome catalog_services(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  const Catalog& catalog = x.store.catalog();
  const bool by_meta = x.has("node-meta");
  const std::uint64_t index =
      by_meta ? std::max(catalog.services_index(), catalog.nodes_index()) : catalog.services_index();
  std::vector<Topic> topics{{Kind::services, ""}};
  if (by_meta) topics.push_back({Kind::nodes, ""});
  if (auto wait = x.park(index, std::move(topics))) return *std::move(wait);
  std::map<std::string, std::set<std::string>> names;
  for (const auto& [id, record] : catalog.services()) {
    if (by_meta && !meta_matches(x, catalog.nodes().at(id.first).value.meta)) continue;
    names[record.value.name].insert(record.value.tags.begin(), record.value.tags.end());
  }
  Value out = Value::object();
  for (const auto& [name, tags] : names) out[name] = Value(tags);
  return x.answer(out, index);
}

Outcome catalog_service(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing service name");
  if (auto bad = x.bad_options()) return *bad;
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::catalog_service);
  if (!filter) return x.rpc_error(filter_problem(filter.error()));
  const Catalog& catalog = x.store.catalog();
  const std::uint64_t index = catalog.service_index(x.rest, false);
  if (auto wait = x.park(index, {{Kind::service, x.rest}})) return *std::move(wait);
  Value out = Value::array();
  for (const OnNode& id : catalog.instances(x.rest)) {
    const ServiceRecord& record = *catalog.service(id);
    const NodeRecord& node = catalog.nodes().at(id.first);
    if (!tags_match(x, record.value.tags) || !meta_matches(x, node.value.meta)) continue;
    out.push_back(catalog_service_json(node, record));
  }
  filter->apply(out);
  return x.answer(out, index);
}

Outcome catalog_nodes(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::node);
  if (!filter) return x.rpc_error(filter_problem(filter.error()));
  const Catalog& catalog = x.store.catalog();
  if (auto wait = x.park(catalog.nodes_index(), {{Kind::nodes, ""}})) return *std::move(wait);
  Value out = Value::array();
  for (const auto& [name, node] : catalog.nodes())
    if (meta_matches(x, node.value.meta)) out.push_back(node_json(node));
  filter->apply(out);
  return x.answer(out, catalog.nodes_index());
}

Outcome catalog_node(Exchange& x) {
  Filter filter;
  if (auto done = node_preamble(x, filter)) return *std::move(done);
  const auto services = services_of_node(x, filter);
  if (!services) return x.answer(Value(), 1);
  Value out = Value::object();
  out["Node"] = node_json(x.store.catalog().nodes().at(x.rest));
  out["Services"] = Value::object();
  for (const Value& service : *services) out["Services"][service["ID"].get_ref<const std::string&>()] = service;
  return x.answer(out, node_index(x));
}

Outcome catalog_node_services(Exchange& x) {
  Filter filter;
  if (auto done = node_preamble(x, filter)) return *std::move(done);
  auto services = services_of_node(x, filter);
  Value out = Value::object();
  out["Node"] = services ? node_json(x.store.catalog().nodes().at(x.rest)) : Value();
  out["Services"] = services ? *std::move(services) : Value();
  return x.answer(out, node_index(x));
}

Outcome catalog_datacenters(Exchange& x) {
  Value out = Value::array();
  out.push_back(x.store.identity().datacenter);
  return x.plain_json(out);
}

}  // namespace longshore::registry
