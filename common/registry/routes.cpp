#include "common/registry/routes.h"

#include "common/base/text.h"
#include "common/registry/exchange.h"

namespace longshore::registry {
namespace {

struct Route {
  std::string_view path;  // with a '/' at its end: the rest of the path is an argument
  std::string_view methods;
  Handler handler;
};

// The longest match wins, as in Go's mux.
constexpr Route kRoutes[] = {
    {"/", "GET", front_page},
    {"/ui/", "GET", front_page},
    {"/v1/acl/auth-method", "PUT", acl_disabled},
    {"/v1/acl/auth-method/", "GET,PUT,DELETE", acl_disabled},
    {"/v1/acl/auth-methods", "GET", acl_disabled},
    {"/v1/acl/binding-rule", "PUT", acl_disabled},
    {"/v1/acl/binding-rule/", "GET,PUT,DELETE", acl_disabled},
    {"/v1/acl/binding-rules", "GET", acl_disabled},
    {"/v1/acl/bootstrap", "PUT", acl_disabled},
    {"/v1/acl/clone/", "PUT", acl_disabled},
    {"/v1/acl/create", "PUT", acl_disabled},
    {"/v1/acl/destroy/", "PUT", acl_disabled},
    {"/v1/acl/info/", "GET", acl_disabled},
    {"/v1/acl/list", "GET", acl_disabled},
    {"/v1/acl/login", "POST", acl_disabled},
    {"/v1/acl/logout", "POST", acl_disabled},
    {"/v1/acl/policies", "GET", acl_disabled},
    {"/v1/acl/policy", "PUT", acl_disabled},
    {"/v1/acl/policy/", "GET,PUT,DELETE", acl_disabled},
    {"/v1/acl/policy/name/", "GET", acl_disabled},
    {"/v1/acl/replication", "GET", acl_disabled},
    {"/v1/acl/role", "PUT", acl_disabled},
    {"/v1/acl/role/", "GET,PUT,DELETE", acl_disabled},
    {"/v1/acl/role/name/", "GET", acl_disabled},
    {"/v1/acl/roles", "GET", acl_disabled},
    {"/v1/acl/rules/translate", "POST", acl_disabled},
    {"/v1/acl/rules/translate/", "GET", acl_disabled},
    {"/v1/acl/token", "PUT", acl_disabled},
    {"/v1/acl/token/", "GET,PUT,DELETE", acl_disabled},
    {"/v1/acl/token/self", "GET", acl_disabled},
    {"/v1/acl/tokens", "GET", acl_disabled},
    {"/v1/acl/update", "PUT", acl_disabled},
    {"/v1/agent/check/deregister/", "PUT", agent_deregister_check},
    {"/v1/agent/check/fail/", "PUT", agent_check_fail},
    {"/v1/agent/check/pass/", "PUT", agent_check_pass},
    {"/v1/agent/check/register", "PUT", agent_register_check},
    {"/v1/agent/check/update/", "PUT", agent_check_update},
    {"/v1/agent/check/warn/", "PUT", agent_check_warn},
    {"/v1/agent/checks", "GET", agent_checks},
    {"/v1/agent/connect/authorize", "POST", connect_disabled},
    {"/v1/agent/connect/ca/leaf/", "GET", connect_disabled},
    {"/v1/agent/connect/ca/roots", "GET", connect_disabled},
    {"/v1/agent/force-leave/", "PUT", agent_nothing},
    {"/v1/agent/health/service/id/", "GET", agent_health_by_id},
    {"/v1/agent/health/service/name/", "GET", agent_health_by_name},
    {"/v1/agent/host", "GET", agent_host},
    {"/v1/agent/join/", "PUT", agent_nothing},
    {"/v1/agent/leave", "PUT", agent_nothing},
    {"/v1/agent/maintenance", "PUT", agent_maintenance},
    {"/v1/agent/members", "GET", agent_members},
    {"/v1/agent/metrics", "GET", agent_metrics},
    {"/v1/agent/monitor", "GET", agent_monitor},
    {"/v1/agent/reload", "PUT", agent_nothing},
    {"/v1/agent/self", "GET", agent_self},
    {"/v1/agent/service/", "GET", agent_service},
    {"/v1/agent/service/deregister/", "PUT", agent_deregister_service},
    {"/v1/agent/service/maintenance/", "PUT", agent_service_maintenance},
    {"/v1/agent/service/register", "PUT", agent_register_service},
    {"/v1/agent/services", "GET", agent_services},
    {"/v1/agent/token/", "PUT", acl_disabled},
    {"/v1/catalog/connect/", "GET", health_connect},
    {"/v1/catalog/datacenters", "GET", catalog_datacenters},
    {"/v1/catalog/deregister", "PUT", catalog_deregister},
    {"/v1/catalog/gateway-services/", "GET", gateway_services},
    {"/v1/catalog/node-services/", "GET", catalog_node_services},
    {"/v1/catalog/node/", "GET", catalog_node},
    {"/v1/catalog/nodes", "GET", catalog_nodes},
    {"/v1/catalog/register", "PUT", catalog_register},
    {"/v1/catalog/service/", "GET", catalog_service},
    {"/v1/catalog/services", "GET", catalog_services},
    {"/v1/config", "PUT", config_entries},
    {"/v1/config/", "GET,DELETE", config_entries},
    {"/v1/connect/ca/configuration", "GET,PUT", connect_disabled},
    {"/v1/connect/ca/roots", "GET", connect_roots},
    {"/v1/connect/intentions", "GET,POST", intentions},
    {"/v1/connect/intentions/", "GET,PUT,DELETE", intention},
    {"/v1/connect/intentions/check", "GET", intention},
    {"/v1/connect/intentions/match", "GET", intention},
    {"/v1/coordinate/datacenters", "GET", empty_list},
    {"/v1/coordinate/nodes", "GET", empty_list},
    {"/v1/event/fire/", "PUT", event_fire},
    {"/v1/event/list", "GET", event_list},
    {"/v1/health/checks/", "GET", health_checks},
    {"/v1/health/connect/", "GET", health_connect},
    {"/v1/health/ingress/", "GET", health_connect},
    {"/v1/health/node/", "GET", health_node},
    {"/v1/health/service/", "GET", health_service},
    {"/v1/health/state/", "GET", health_state},
    {"/v1/internal/acl/authorize", "POST", acl_disabled},
    {"/v1/internal/ui/node/", "GET", ui_node},
    {"/v1/internal/ui/nodes", "GET", ui_nodes},
    {"/v1/internal/ui/services", "GET", ui_services},
    {"/v1/kv/", "GET,PUT,DELETE", kv},
    {"/v1/operator/autopilot/configuration", "GET,PUT", operator_calls},
    {"/v1/operator/autopilot/health", "GET", operator_calls},
    {"/v1/operator/keyring", "GET,POST,PUT,DELETE", operator_calls},
    {"/v1/operator/raft/configuration", "GET", raft_configuration},
    {"/v1/operator/raft/peer", "DELETE", operator_calls},
    {"/v1/query", "GET,POST", prepared_queries},
    {"/v1/query/", "GET,PUT,DELETE", prepared_query},
    {"/v1/session/create", "PUT", session_create},
    {"/v1/session/destroy/", "PUT", session_destroy},
    {"/v1/session/info/", "GET", session_info},
    {"/v1/session/list", "GET", session_list},
    {"/v1/session/node/", "GET", session_node},
    {"/v1/session/renew/", "PUT", session_renew},
    {"/v1/snapshot", "GET,PUT", snapshot},
    {"/v1/status/leader", "GET", status_leader},
    {"/v1/status/peers", "GET", status_peers},
    {"/v1/txn", "PUT", txn},
};

const Route* find_route(std::string_view path) {
  const Route* best = nullptr;
  for (const Route& route : kRoutes) {
    const bool takes_more = route.path.ends_with('/') && route.path != "/" && route.path != "/ui/";
    if (takes_more ? !path.starts_with(route.path) : path != route.path) continue;
    if (best == nullptr || route.path.size() > best->path.size()) best = &route;
  }
  return best;
}

bool has_method(std::string_view methods, std::string_view method) {
  for (const std::string& one : base::split(methods, ','))
    if (one == method) return true;
  return false;
}

net::Response bare(int status, const std::string& body = {}) {
  net::Response response;
  response.status = status;
  if (!body.empty()) response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body = body;
  return response;
}

// As Go's mux: a path that lacks its last slash. Only readers are told in words.
net::Response moved(const std::string& path, const std::string& method) {
  net::Response response = bare(301);
  response.headers.set("Location", path);
  if (method != "GET" && method != "HEAD") return response;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.body = "<a href=\"" + path + "\">Moved Permanently</a>.\n\n";
  return response;
}

}  // namespace

Outcome route(Store& store, const Call& call) {
  Result<net::Target> target = net::parse_target(call.request.target);
  if (!target) return bare(400, target.error().text);
  Result<std::string> path = net::percent_decode(target->path);
  if (!path) return bare(400, path.error().text);
  // From base addresses with a slash at their end. Consul redirects, which turns a PUT into a GET; further double
  // slashes belong to a key or an id.
  while (path->starts_with("//")) path->erase(0, 1);
  const Route* found = find_route(*path);
  if (found == nullptr && find_route(*path + "/") != nullptr) return moved(*path + "/", call.request.method);
  if (found == nullptr) return bare(404);
  const std::string& method = call.request.method;
  if (method == "OPTIONS" || !has_method(found->methods, method)) {
    net::Response response = method == "OPTIONS" ? bare(200) : bare(405, "method " + method + " not allowed");
    response.headers.set("Allow", "OPTIONS," + std::string(found->methods));
    return response;
  }
  Exchange exchange(store, call, *std::move(target));
  exchange.rest = path->substr(found->path.size());
  return found->handler(exchange);
}

}  // namespace longshore::registry
