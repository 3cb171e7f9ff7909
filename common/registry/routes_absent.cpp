// What Consul has and one host does not need: ACLs, Connect, prepared queries, configuration entries, operator calls.
// Answered as by a Consul in which they are switched off or empty; what cannot be answered so says in one sentence why.
#include "common/registry/exchange.h"
#include "common/registry/registration_rules.h"

namespace longshore::registry {
namespace {

using json::Value;

constexpr char kNoConnect[] = "Connect must be enabled in order to use this endpoint";
constexpr char kQuery[] = "prepared query";

bool ends_with_call(std::string_view rest) {
  return rest.ends_with("/execute") || rest.ends_with("/explain");
}

}  // namespace

Outcome acl_disabled(Exchange& x) {
  return x.error(401, "ACL support disabled");
}

Outcome connect_disabled(Exchange& x) {
  return x.error(500, kNoConnect);
}

Outcome connect_roots(Exchange& x) {
  if (auto bad = x.bad_options(false)) return *bad;
  return x.rpc_error(kNoConnect);
}

Outcome intention(Exchange& x) {
  return x.error(501, "the embedded registry has no Connect and keeps no intentions: run Consul for them");
}

Outcome intentions(Exchange& x) {
  return x.request().method == "GET" ? empty_list(x) : intention(x);
}

Outcome gateway_services(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  if (x.rest.empty()) return x.error(400, "Missing gateway name");
  if (auto wait = x.park(1, {})) return *std::move(wait);
  return x.answer(Value(), 1);
}

Outcome prepared_queries(Exchange& x) {
  if (x.request().method == "GET") {
    if (auto bad = x.bad_options()) return *bad;
    if (auto wait = x.park(1, {})) return *std::move(wait);
    return x.answer(Value::array(), 1);
  }
  return x.error(501, "the embedded registry has no prepared queries: run Consul for them");
}

Outcome prepared_query(Exchange& x) {
  const bool reads = x.request().method == "GET";
  if (ends_with_call(x.rest)) return x.error(404, "Query not found");
  if (const auto problem = uuid_problem(x.rest, kQuery)) {
    if (reads) return x.rpc_error(*problem);
    return x.error(500, "Prepared Query lookup failed: " + *problem);
  }
  if (reads) return x.error(404, "Query not found");
  return x.error(500, "Cannot modify non-existent prepared query: '" + x.rest + "'");
}

Outcome config_entries(Exchange& x) {
  if (x.request().method != "GET")
    return x.error(501, "the embedded registry keeps no configuration entries: run Consul for them");
  const std::size_t slash = x.rest.find('/');
  if (slash == std::string::npos) return empty_list(x);
  if (auto bad = x.bad_options(false)) return *bad;
  net::Response response = x.error(
      404, "Config entry not found for \"" + x.rest.substr(0, slash) + "\" / \"" + x.rest.substr(slash + 1) + "\"");
  x.index_headers(response, 1);
  return response;
}

Outcome agent_monitor(Exchange& x) {
  return x.error(501, "the embedded registry does not stream its log: read its standard error");
}

Outcome agent_host(Exchange& x) {
  return x.error(501, "the embedded registry tells nothing of its host");
}

Outcome snapshot(Exchange& x) {
  return x.error(501, "the embedded registry makes no snapshots: copy its -data-dir while it is stopped");
}

Outcome operator_calls(Exchange& x) {
  return x.error(501, "the embedded registry is a single node: there is nothing to operate");
}

}  // namespace longshore::registry
