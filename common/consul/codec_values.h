// The codec's pieces on parsed JSON; for codec_*.cpp and for the registry, which speaks the same objects.
#pragma once
#include "common/consul/codec.h"
#include "common/json/fields.h"

namespace longshore::consul {

// protocol error that names `path` where it is no object.
Status require_object(const json::Value& value, const std::string& path);

// `path` names the object in errors. Ports outside 0..65535 become 0: one odd instance must not hide the others.
Result<Service> service_from(const json::Value& value, const std::string& path);
Result<HealthCheck> health_check_from(const json::Value& value, const std::string& path);
Result<Node> node_from(const json::Value& value, const std::string& path);
Result<KvPair> kv_pair_from(const json::Value& value, const std::string& path);
Result<Session> session_from(const json::Value& value, const std::string& path);

Result<Registration> registration_from(const json::Value& value);
Result<CheckDefinition> check_definition_from(const json::Value& value, const std::string& path);

json::Value to_json(const CheckDefinition& check);
json::Value to_json(const TaggedAddress& address);
json::Value to_json(const Weights& weights);

}  // namespace longshore::consul
