// /v1/health and /v1/internal/ui.
#include <algorithm>

#include "common/registry/exchange.h"
#include "common/registry/selection.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Value;
using Kind = Topic::Kind;

// Checks that `keep` accepts, filtered and answered with the index of the checks table.
template <class Keep>
Outcome checks_answer(Exchange& x, std::vector<Topic> topics, Keep keep) {
  if (auto bad = x.bad_options()) return *bad;
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::check);
  if (!filter) return x.rpc_error(filter_problem(filter.error()));
  const Catalog& catalog = x.store.catalog();
  if (auto wait = x.park(catalog.checks_index(), std::move(topics))) return *std::move(wait);
  Value out = Value::array();
  for (const auto& [id, record] : catalog.checks())
    if (keep(record.value) && meta_matches(x, catalog.nodes().at(id.first).value.meta))
      out.push_back(check_json(record));
  filter->apply(out);
  return x.answer(out, catalog.checks_index());
}

std::uint64_t whole_index(const Catalog& catalog) {
  return std::max({catalog.nodes_index(), catalog.services_index(), catalog.checks_index()});
}

std::vector<Topic> whole_topics() {
  return {{Kind::nodes, ""}, {Kind::services, ""}, {Kind::checks, ""}};
}

Value ui_node_json(const Catalog& catalog, const NodeRecord& node) {
  Value out = node_json(node);
  for (const char* hidden : {"CreateIndex", "ModifyIndex", "Datacenter"}) out.erase(hidden);
  out["Services"] = Value::array();
  out["Checks"] = Value::array();
  for (const auto& [id, record] : catalog.services())
    if (id.first == node.value.node) out["Services"].push_back(service_json(record));
  for (const auto& [id, record] : catalog.checks())
    if (id.first == node.value.node) out["Checks"].push_back(check_json(record));
  return out;
}

}  // namespace

Outcome health_service(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing service name");
  if (auto bad = x.bad_options()) return *bad;
  const std::string passing_text = x.param("passing");
  const auto passing = passing_text.empty() ? std::optional<bool>(x.has("passing")) : parse_bool(passing_text);
  if (!passing) return x.error(400, "Invalid value for ?passing");
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::health_entry);
  if (!filter) return x.rpc_error(filter_problem(filter.error()));
  const Catalog& catalog = x.store.catalog();
  const std::uint64_t index = catalog.service_index(x.rest, true);
  if (auto wait = x.park(index, {{Kind::health, x.rest}})) return *std::move(wait);
  Value out = Value::array();
  for (const OnNode& id : catalog.instances(x.rest)) {
    const ServiceRecord& record = *catalog.service(id);
    const NodeRecord& node = catalog.nodes().at(id.first);
    if (!tags_match(x, record.value.tags) || !meta_matches(x, node.value.meta)) continue;
    const auto checks = catalog.checks_for(id);
    const bool all_pass = std::all_of(checks.begin(), checks.end(),
                                      [](const CheckRecord* check) { return check->value.status == "passing"; });
    if (*passing && !all_pass) continue;
    Value entry = Value::object();
    entry["Node"] = node_json(node);
    entry["Service"] = service_json(record);
    entry["Checks"] = Value::array();
    for (const CheckRecord* check : checks) entry["Checks"].push_back(check_json(*check));
    if (filter->matches(entry)) out.push_back(std::move(entry));
  }
  return x.answer(out, index);
}

// No service of this registry has a proxy.
Outcome health_connect(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing service name");
  if (auto bad = x.bad_options()) return *bad;
  const std::uint64_t index = x.store.catalog().service_index(x.rest, true);
  if (auto wait = x.park(index, {{Kind::health, x.rest}})) return *std::move(wait);
  return x.answer(Value::array(), index);
}

Outcome health_checks(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing service name");
  return checks_answer(x, {{Kind::service_checks, x.rest}},
                       [&](const consul::HealthCheck& check) { return check.service_name == x.rest; });
}

Outcome health_node(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing node name");
  return checks_answer(x, {{Kind::node_checks, x.rest}},
                       [&](const consul::HealthCheck& check) { return check.node == x.rest; });
}

Outcome health_state(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing check state");
  return checks_answer(x, {{Kind::checks, ""}},
                       [&](const consul::HealthCheck& check) { return x.rest == "any" || check.status == x.rest; });
}

Outcome ui_nodes(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::ui_node);
  if (!filter) return x.rpc_error(filter_problem(filter.error()));
  const Catalog& catalog = x.store.catalog();
  const std::uint64_t index = whole_index(catalog);
  if (auto wait = x.park(index, whole_topics())) return *std::move(wait);
  Value out = Value::array();
  for (const auto& [name, node] : catalog.nodes()) out.push_back(ui_node_json(catalog, node));
  filter->apply(out);
  return x.answer(out, index, false);
}

Outcome ui_node(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing node name");
  if (auto bad = x.bad_options()) return *bad;
  const Catalog& catalog = x.store.catalog();
  const auto node = catalog.nodes().find(x.rest);
  const std::uint64_t index = whole_index(catalog);
  if (auto wait = x.park(index, whole_topics())) return *std::move(wait);
  return x.answer(node == catalog.nodes().end() ? Value() : ui_node_json(catalog, node->second), index, false);
}

Outcome ui_services(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  const Catalog& catalog = x.store.catalog();
  const std::uint64_t index = whole_index(catalog);
  if (auto wait = x.park(index, whole_topics())) return *std::move(wait);
  std::map<std::string, Value> by_name;
  for (const auto& [id, record] : catalog.services()) {
    const auto [entry, fresh] = by_name.try_emplace(record.value.name, Value::object());
    Value& one = entry->second;
    if (fresh) {
      one["Name"] = record.value.name;
      one["Tags"] = record.value.tags;
      one["Nodes"] = Value::array();
      for (const char* count : {"InstanceCount", "ChecksPassing", "ChecksWarning", "ChecksCritical"}) one[count] = 0;
    }
    if (one["Nodes"].empty() || one["Nodes"].back() != id.first) one["Nodes"].push_back(id.first);
    one["InstanceCount"] = one["InstanceCount"].get<int>() + 1;
    for (const CheckRecord* check : catalog.checks_for(id)) {
      const std::string& status = check->value.status;
      const char* count = status == "passing"   ? "ChecksPassing"
                          : status == "warning" ? "ChecksWarning"
                                                : "ChecksCritical";
      one[count] = one[count].get<int>() + 1;
    }
  }
  Value out = Value::array();
  for (auto& [name, one] : by_name) out.push_back(std::move(one));
  return x.answer(out, index, false);
}

// Prepared queries, coordinates: there are none.
Outcome empty_list(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  if (auto wait = x.park(1, {})) return *std::move(wait);
  return x.answer(Value::array(), 1, false);
}

}  // namespace longshore::registry
