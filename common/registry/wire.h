// The registry's records as the JSON objects of Consul's API (shapes of 1.8.7).
#pragma once
#include "common/json/json.h"
#include "common/registry/catalog.h"
#include "common/registry/session.h"

namespace longshore::registry {

json::Value node_json(const NodeRecord& node);
// As in health and catalog/node answers.
json::Value service_json(const ServiceRecord& service);
// As the agent tells it: no indexes.
json::Value agent_service_json(const consul::Service& service);
json::Value check_json(const CheckRecord& check);
json::Value agent_check_json(const consul::HealthCheck& check, const std::string& output);
// The older shape of a check that agent/health answers.
json::Value health_by_agent_json(const consul::HealthCheck& check, const std::string& output);
// One element of catalog/service/<name>: node and service flattened.
json::Value catalog_service_json(const NodeRecord& node, const ServiceRecord& service);
json::Value kv_json(const consul::KvPair& pair, bool with_value);
json::Value session_json(const SessionRecord& session);

}  // namespace longshore::registry
