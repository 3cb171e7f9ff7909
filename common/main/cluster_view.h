// What Consul knows of all hosts, as rows for `longshore status`: services and their instances, who registered them,
// which versions run side by side, the renderers. Pure.
#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/consul/model.h"
#include "common/json/json.h"

namespace longshore::app {

struct ClusterFacts {
  std::vector<consul::ServiceEntry> entries;
  std::vector<consul::KvPair> renderers;     // below longshore/renderers/
  std::vector<consul::KvPair> drains;        // below longshore/drains/
  std::vector<consul::KvPair> deploys = {};  // below longshore/deploys/
  std::string kv_prefix = "longshore/";
  std::vector<consul::KvPair> claims = {};  // below longshore/claims/
};

// One row's text of a link; empty = none. Errors are the caller's to find before.
using Link = std::function<std::string(const consul::ServiceEntry& entry)>;

// {"services": [{"service","id","state","address","node","image","revision","registered_by","container","link"}],
//  "skew": [{"service","versions": ["nano:1 (2)", …]}], "renderers": [..], "drains": [..], "deploys": [..],
//  "claims": [{"host","service"}]}
// A renderer: {"id","state","host","applied","settled"
// (generations),"services","unsettled","held_back","quarantined","guarded", "old_requests","stale_watches","at"}, or
// {"id","state","problem"}. A deploy: as its record has it, with "working": no for one that was broken off in the
// middle. state: passing, warning, critical or maintenance, with "draining" behind it where a drain asks for it.
json::Value cluster_view(const ClusterFacts& facts, const Link& link);

}  // namespace longshore::app
