#include "common/main/cluster_view.h"

#include <algorithm>
#include <map>

#include "common/base/text.h"
#include "common/consul/claim.h"
#include "common/consul/gap_meta.h"
#include "common/drain/word.h"

namespace longshore::app {
namespace {

std::string meta_of(const consul::Service& service, const char* key) {
  const auto found = service.meta.find(key);
  return found == service.meta.end() ? std::string() : found->second;
}

// The worst of the checks; "gap": it stands for an instance that is away. Source of the two IDs: Consul's maintenance
// mode.
std::string state_of(const consul::ServiceEntry& entry) {
  if (consul::is_placeholder(entry.service)) return "gap";
  std::string state = "passing";
  for (const consul::HealthCheck& check : entry.checks) {
    if (check.check_id == "_node_maintenance" || check.check_id.starts_with("_service_maintenance:"))
      return "maintenance";
    if (check.status == "critical" || (check.status == "warning" && state == "passing")) state = check.status;
  }
  return state;
}

// Source of the form <host>:<container>:<port>[:udp]: Registrator's service IDs.
bool has_registrators_form(const std::string& id) {
  std::vector<std::string> parts = base::split(id, ':');
  if (parts.size() == 4 && parts[3] == "udp") parts.pop_back();
  if (parts.size() != 3 || parts[0].empty() || parts[1].empty() || parts[2].empty()) return false;
  return std::ranges::all_of(parts[2], [](char c) { return c >= '0' && c <= '9'; });
}

std::string registrar_of(const consul::Service& service) {
  if (const std::string owner = meta_of(service, "longshore-owner"); !owner.empty()) return "longshore " + owner;
  if (const std::string proxy = meta_of(service, consul::kGapMeta); !proxy.empty()) return "longshore " + proxy;
  return has_registrators_form(service.id) ? "registrator" : "somebody else";
}

std::string shown_address(const consul::ServiceEntry& entry) {
  const std::string& host = entry.service.address.empty() ? entry.node.address : entry.service.address;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(entry.service.port);
}

// What runs: the revision where the image names one, else the image.
std::string version_of(const consul::Service& service) {
  const std::string revision = meta_of(service, "longshore-revision");
  const std::string image = meta_of(service, "longshore-image");
  if (image.empty() || revision.empty()) return image + revision;
  return image + "@" + revision.substr(0, 12);
}

json::Value skew_of(const std::vector<consul::ServiceEntry>& entries) {
  std::map<std::string, std::map<std::string, std::size_t>> versions;
  for (const consul::ServiceEntry& entry : entries)
    if (const std::string version = version_of(entry.service);
        !version.empty() && !consul::is_placeholder(entry.service))
      ++versions[entry.service.name][version];
  json::Value out = json::Value::array();
  for (const auto& [service, counts] : versions) {
    if (counts.size() < 2) continue;
    json::Value row = {{"service", service}, {"versions", json::Value::array()}};
    for (const auto& [version, count] : counts) row["versions"].push_back(version + " (" + std::to_string(count) + ")");
    out.push_back(std::move(row));
  }
  return out;
}

// The records as their writers made them, each with the rest of its key as `id`.
json::Value records_of(const std::vector<consul::KvPair>& pairs, const std::string& prefix) {
  json::Value out = json::Value::array();
  for (const consul::KvPair& pair : pairs) {
    if (!pair.key.starts_with(prefix)) continue;
    Result<json::Value> value = json::parse(pair.value, pair.key);
    json::Value row = value && value->is_object() ? std::move(*value) : json::Value::object();
    row["id"] = pair.key.substr(prefix.size());
    row.erase("version");
    out.push_back(std::move(row));
  }
  return out;
}

// What a renderer says of itself, in short. state: live, starting, or missing (no session holds its record).
json::Value renderer_row(const consul::KvPair& pair, const std::string& id) {
  json::Value row;
  row["id"] = id;
  const Result<drain::RendererWord> word = drain::decode(pair.value);
  row["state"] = pair.session.empty() ? "missing" : word && word->starting ? "starting" : "live";
  if (!word) {
    row["problem"] = word.error().text;
    return row;
  }
  row["host"] = word->host;
  row["applied"] = word->generation;
  row["settled"] = word->settled_generation;
  row["services"] = word->services.size();
  json::Value unsettled = json::Value::array();
  for (const auto& [name, service] : word->services)
    if (service.settled.index == 0 || service.applied != service.settled) unsettled.push_back(name);
  row["unsettled"] = std::move(unsettled);
  row["held_back"] = word->held_back;
  row["quarantined"] = word->quarantined;
  row["guarded"] = word->guarded;
  row["old_requests"] = word->old_requests;
  row["stale_watches"] = word->stale;
  row["at"] = word->at;
  return row;
}

json::Value renderers_of(const std::vector<consul::KvPair>& pairs, const std::string& prefix) {
  json::Value out = json::Value::array();
  for (const consul::KvPair& pair : pairs)
    if (pair.key.starts_with(prefix)) out.push_back(renderer_row(pair, pair.key.substr(prefix.size())));
  return out;
}

// Whoever works holds the record by a session.
json::Value deploys_of(const std::vector<consul::KvPair>& pairs, const std::string& prefix) {
  // Below a record there are orders to whoever works.
  std::vector<consul::KvPair> own;
  for (const consul::KvPair& pair : pairs)
    if (pair.key.find('/', prefix.size()) == std::string::npos) own.push_back(pair);
  json::Value out = records_of(own, prefix);
  for (json::Value& row : out) {
    const auto pair = std::ranges::find(pairs, prefix + row["id"].get<std::string>(), &consul::KvPair::key);
    const bool held = pair != pairs.end() && !pair->session.empty();
    row["working"] = held ? "yes" : "no";
    // For the next run, not for people.
    for (const char* key : {"old", "spec", "run"}) row.erase(key);
  }
  return out;
}

// Whose host names are; an empty service: the claim cannot be read.
json::Value claims_of(const std::vector<consul::KvPair>& pairs, const std::string& prefix) {
  json::Value out = json::Value::array();
  for (const consul::KvPair& pair : pairs)
    if (pair.key.starts_with(prefix) && pair.key.size() > prefix.size())
      out.push_back({{"host", pair.key.substr(prefix.size())},
                     {"service", consul::claimant_of(pair.value).value_or(std::string())}});
  return out;
}

std::set<std::string> keys_of(const std::vector<consul::KvPair>& pairs, const std::string& prefix) {
  std::set<std::string> keys;
  for (const consul::KvPair& pair : pairs)
    if (pair.key.starts_with(prefix)) keys.insert(pair.key.substr(prefix.size()));
  return keys;
}

bool is_drained(const std::set<std::string>& drains, const consul::ServiceEntry& entry) {
  if (consul::is_placeholder(entry.service)) return false;
  const std::string node = entry.node.node + "/";
  if (drains.contains(node + "*") || drains.contains(node + entry.service.id)) return true;
  const std::string container = meta_of(entry.service, "longshore-container");
  return !container.empty() && std::ranges::any_of(drains, [&](const std::string& key) {
    const std::string head = node + "container:";
    return key.starts_with(head) && key.size() >= head.size() + 12 &&
           (container.starts_with(key.substr(head.size())) || key.substr(head.size()).starts_with(container));
  });
}

}  // namespace

json::Value cluster_view(const ClusterFacts& facts, const Link& link) {
  const std::set<std::string> drains = keys_of(facts.drains, facts.kv_prefix + "drains/");
  json::Value out;
  out["services"] = json::Value::array();
  for (const consul::ServiceEntry& entry : facts.entries) {
    const consul::Service& service = entry.service;
    json::Value row;
    row["service"] = service.name;
    row["id"] = service.id;
    row["state"] = state_of(entry) + (is_drained(drains, entry) ? " draining" : "");
    row["address"] = shown_address(entry);
    row["node"] = entry.node.node;
    row["registered_by"] = registrar_of(service);
    const std::pair<const char*, std::string> optional[] = {{"image", meta_of(service, "longshore-image")},
                                                            {"revision", meta_of(service, "longshore-revision")},
                                                            {"container", meta_of(service, "longshore-container")},
                                                            {"link", link ? link(entry) : std::string()}};
    for (const auto& [key, value] : optional)
      if (!value.empty()) row[key] = value;
    out["services"].push_back(std::move(row));
  }
  out["skew"] = skew_of(facts.entries);
  out["renderers"] = renderers_of(facts.renderers, facts.kv_prefix + "renderers/");
  out["drains"] = records_of(facts.drains, facts.kv_prefix + "drains/");
  out["deploys"] = deploys_of(facts.deploys, facts.kv_prefix + "deploys/");
  out["claims"] = claims_of(facts.claims, facts.kv_prefix + "claims/");
  return out;
}

}  // namespace longshore::app
