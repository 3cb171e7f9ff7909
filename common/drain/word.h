// The load balancers' word: what each renderer says in Consul's KV of what it has applied and settled, and what a drain
// makes of it. Pure. The key is renderers/<id> below the KV prefix; common/README.md has the value's form.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/consul/model.h"

namespace longshore::drain {

// What was known of one service when something was rendered from it.
struct Stage {
  std::uint64_t index = 0;       // Consul's, of /v1/health/service/<name>; 0: never
  std::uint64_t hash = 0;        // of its instances and their health, see SetHash; 0: never
  std::uint64_t generation = 0;  // of the group that has it, in this renderer
  bool operator==(const Stage&) const = default;
};

// Of one service in one renderer.
struct ServiceWord {
  Stage applied = {};  // new workers answer with it
  Stage settled = {};  // no older worker accepts connections that knows something else
  // "node/ID" of instances that pass in Consul and get nothing all the same: they do not answer this renderer's probes.
  std::vector<std::string> out = {};
  bool operator==(const ServiceWord&) const = default;
};

struct RendererWord {
  std::string host = {};
  std::string instance = {};  // of the process: two with one ID notice each other
  std::int64_t pid = 0;
  std::string at = {};                        // RFC 3339, of the last change of this record
  std::uint64_t generation = 0;               // the highest of its groups
  std::uint64_t settled_generation = 0;       // the highest that has settled
  std::uint64_t old_requests = 0;             // connections that workers of older generations still have
  std::uint64_t stale = 0;                    // watches that get no answer
  bool starting = false;                      // it has not rendered all of its files yet: it may use any service
  std::vector<std::string> held_back = {};    // files that are not what the data says
  std::vector<std::string> quarantined = {};  // parts of files that are left out
  std::vector<std::string> guarded = {};      // "web keeps 8", "a.conf": what guards hold back
  // By service: the colours for which the files that have settled were rendered, where a template asks for them. More
  // than one: files differ, or are on their way.
  std::map<std::string, std::set<std::string>> colors = {};
  std::map<std::string, ServiceWord> services = {};  // by name, or name@datacenter where a template asks for one
  bool operator==(const RendererWord&) const = default;
};

std::string encode(const RendererWord& word);
// Unknown members are ignored; protocol: no object, or a member of the wrong type.
Result<RendererWord> decode(std::string_view json);

// A hash over instances in the order of their node and ID. Both sides of a drain make it of their own view: equal
// hashes mean the same instances in the same health. 0 is "never", so an empty set has a value too.
class SetHash {
 public:
  // health: passing, warning, critical, maintenance, or "" for a foreign status.
  void add(std::string_view node, std::string_view id, std::string_view health);
  std::uint64_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

// The worst of the checks: maintenance, critical, warning, passing (also without checks); "" for a foreign status.
std::string_view health_of(const std::vector<consul::HealthCheck>& checks);
std::uint64_t set_hash(std::vector<consul::ServiceEntry> entries);

// Does a renderer that lives keep the instance out of its traffic? Its records as for judge(); `service` may be
// name@datacenter.
bool is_kept_out(const std::vector<consul::KvPair>& records, const std::string& prefix, const std::string& service,
                 const std::string& node, const std::string& id);

// What Consul says of a service now, and who may be asked about it.
struct Expected {
  std::string service = {};
  std::string datacenter = {};  // the agent's
  std::uint64_t index = 0;      // of an answer in which the instance is out of traffic
  std::uint64_t hash = 0;       // of the same answer, or a later one
};

// How far the renderers are with a service.
struct Standing {
  std::vector<std::string> settled = {};  // IDs
  // They show the same set, in a record that is older than the change: it may be the set of before.
  std::vector<std::string> unsure = {};
  std::vector<std::string> waiting = {};  // they live and are not there yet
  std::vector<std::string> busy = {};     // settled, and older workers still finish requests
  std::vector<std::string> missing = {};  // they do not live: perhaps their server still serves what they wrote last
  // Nobody sends it new requests any more.
  bool done() const { return waiting.empty() && missing.empty() && unsure.empty(); }
  bool operator==(const Standing&) const = default;
};

// `records` are the pairs below `prefix` ("longshore/renderers/"). A renderer lives while a session holds its record.
// Renderers that do not use the service are in none of the lists; one whose record cannot be read is missing. A
// renderer has settled when it knows an answer at least as new, or the same set.
Standing judge(const std::vector<consul::KvPair>& records, const std::string& prefix, const Expected& expected);

}  // namespace longshore::drain
