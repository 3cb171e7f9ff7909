// One request on its way through a route: what was asked, and the ways to answer. For routes_*.cpp.
#pragma once
#include <string>

#include "common/json/json.h"
#include "common/registry/filter.h"
#include "common/registry/routes.h"

namespace longshore::registry {

class Exchange {
 public:
  Exchange(Store& store_in, const Call& call, net::Target target);

  Store& store;
  const base::TimePoint now;
  std::string rest;  // the decoded path behind the route's own

  const net::Request& request() const { return call_.request; }
  // "" when absent.
  std::string param(std::string_view key) const;
  bool has(std::string_view key) const { return target_.has(key); }
  std::vector<std::string> params(std::string_view key) const;
  // The query as Go's url.Values.Encode() writes it: sorted by key.
  std::string encoded_query() const;

  // index, wait, consistency and dc; an answer when one of them is wrong. Call it first. Catalog and health routes tell
  // index headers even with a foreign datacenter, the others do not.
  std::optional<net::Response> bad_options(bool index_on_error = true);
  // A Wait while `index` is not above the one the client knows and time is left.
  std::optional<Wait> park(std::uint64_t index, std::vector<Topic> topics) const;

  // 200 with the index headers. Catalog and health routes also tell the consistency.
  net::Response answer(const json::Value& body, std::uint64_t index, bool consistency = true) const;
  net::Response plain_json(const json::Value& body, int status = 200) const;
  net::Response error(int status, const std::string& text) const;
  // What Consul's servers refuse: 500 and headers that know no leader.
  net::Response rpc_error(const std::string& text) const;
  net::Response empty_ok() const { return net::Response{}; }
  void index_headers(net::Response& response, std::uint64_t index) const;

  base::TimePoint wait_end() const;

 private:
  std::string text(const json::Value& body) const;

  const Call& call_;
  net::Target target_;
  std::uint64_t known_index_ = 0;
  base::Duration wait_ = std::chrono::minutes(5);
  std::string consistency_ = "leader";
};

// The status of an Error of the store: invalid_input 400, not_found 404, else 500.
int status_of(const Error& error);
// Go's strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text);

using Handler = Outcome (*)(Exchange&);

// Routes by file.
Outcome agent_services(Exchange&);
Outcome agent_service(Exchange&);
Outcome agent_checks(Exchange&);
Outcome agent_register_service(Exchange&);
Outcome agent_deregister_service(Exchange&);
Outcome agent_service_maintenance(Exchange&);
Outcome agent_maintenance(Exchange&);
Outcome agent_register_check(Exchange&);
Outcome agent_deregister_check(Exchange&);
Outcome agent_check_pass(Exchange&);
Outcome agent_check_warn(Exchange&);
Outcome agent_check_fail(Exchange&);
Outcome agent_check_update(Exchange&);
Outcome agent_health_by_id(Exchange&);
Outcome agent_health_by_name(Exchange&);
Outcome agent_self(Exchange&);
Outcome agent_members(Exchange&);
Outcome agent_metrics(Exchange&);
Outcome agent_nothing(Exchange&);
Outcome catalog_services(Exchange&);
Outcome catalog_service(Exchange&);
Outcome catalog_nodes(Exchange&);
Outcome catalog_node(Exchange&);
Outcome catalog_node_services(Exchange&);
Outcome catalog_datacenters(Exchange&);
Outcome catalog_register(Exchange&);
Outcome catalog_deregister(Exchange&);
Outcome health_service(Exchange&);
Outcome health_connect(Exchange&);
Outcome health_checks(Exchange&);
Outcome health_node(Exchange&);
Outcome health_state(Exchange&);
Outcome kv(Exchange&);
Outcome txn(Exchange&);
Outcome session_create(Exchange&);
Outcome session_destroy(Exchange&);
Outcome session_renew(Exchange&);
Outcome session_info(Exchange&);
Outcome session_list(Exchange&);
Outcome session_node(Exchange&);
Outcome status_leader(Exchange&);
Outcome status_peers(Exchange&);
Outcome ui_nodes(Exchange&);
Outcome ui_node(Exchange&);
Outcome ui_services(Exchange&);
Outcome empty_list(Exchange&);
Outcome event_fire(Exchange&);
Outcome event_list(Exchange&);
Outcome raft_configuration(Exchange&);
Outcome acl_disabled(Exchange&);
Outcome connect_disabled(Exchange&);
Outcome connect_roots(Exchange&);
Outcome intention(Exchange&);
Outcome intentions(Exchange&);
Outcome gateway_services(Exchange&);
Outcome prepared_queries(Exchange&);
Outcome prepared_query(Exchange&);
Outcome config_entries(Exchange&);
Outcome agent_monitor(Exchange&);
Outcome agent_host(Exchange&);
Outcome snapshot(Exchange&);
Outcome operator_calls(Exchange&);
Outcome front_page(Exchange&);

}  // namespace longshore::registry
