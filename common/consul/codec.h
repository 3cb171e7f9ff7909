// Consul's JSON as text <-> the model. Pure, total on foreign input: unknown fields are skipped, a missing or null
// field is the empty value (as Go decodes it), a field of the wrong type is Errc::protocol that names its path.
// Malformed UTF-8 inside strings we send becomes U+FFFD.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/consul/model.h"

namespace longshore::consul {

// What PUT /v1/agent/check/register is told; "" = a check of the node.
struct CheckRegistration {
  std::string service_id;
  CheckDefinition check;
  bool operator==(const CheckRegistration&) const = default;
};

// One KV operation of PUT /v1/txn; at most 64 in one call (Consul 1.8).
struct TxnOperation {
  std::string verb;  // set cas lock unlock get get-tree check-index check-session check-not-exists delete delete-tree
                     // delete-cas
  std::string key;
  std::string value;  // decoded
  std::uint64_t flags = 0;
  std::uint64_t index = 0;
  std::string session;
  bool operator==(const TxnOperation&) const = default;
};

struct TxnError {
  std::int64_t op_index = 0;
  std::string what;
  bool operator==(const TxnError&) const = default;
};

// Of both answers of PUT /v1/txn: 200 fills results, 409 errors.
struct TxnAnswer {
  std::vector<KvPair> results;
  std::vector<TxnError> errors;
  bool operator==(const TxnAnswer&) const = default;
};

// Bodies that are sent. Empty fields are left out; durations are Go strings ("1m30s").
std::string encode_registration(const Registration& registration);
std::string encode_check_registration(const CheckRegistration& registration);
std::string encode_ttl_update(std::string_view status, std::string_view output);
std::string encode_session_request(const SessionRequest& request);
std::string encode_txn(const std::vector<TxnOperation>& operations);

// Bodies that a registry receives. Names may be in any case, with or without underscores (Consul's decoders ignore
// both); `Check` and `Checks` add up; durations are Go strings or integers in nanoseconds; Args = ScriptArgs.
Result<Registration> decode_registration(std::string_view text);
Result<CheckRegistration> decode_check_registration(std::string_view text);
Result<SessionRequest> decode_session_request(std::string_view text);
// Only KV operations; anything else is Errc::rejected.
Result<std::vector<TxnOperation>> decode_txn(std::string_view text);

// Answers of the agent.
Result<std::map<std::string, Service>> decode_agent_services(std::string_view text);    // by ID
Result<std::map<std::string, HealthCheck>> decode_agent_checks(std::string_view text);  // by CheckID
Result<Service> decode_service(std::string_view text);                                  // /v1/agent/service/<id>
Result<AgentSelf> decode_agent_self(std::string_view text);

// Answers of catalog and health. `null` lists are empty.
enum class CheckDetail {
  full,
  status,  // of each check only CheckID, Status, and of an Output its beginning if it names an HTTP check's URL
};
Result<std::vector<ServiceEntry>> decode_health_service(std::string_view text, CheckDetail detail = CheckDetail::full);
Result<std::vector<HealthCheck>> decode_health_checks(std::string_view text);
Result<ServiceNames> decode_catalog_services(std::string_view text);
Result<std::vector<Node>> decode_nodes(std::string_view text);
// `null` (unknown node) is nothing.
Result<std::optional<NodeServices>> decode_catalog_node(std::string_view text);

// The little that tells what has changed, from answers that are large (see common/json/reader.h).
struct ServiceMark {
  std::string id;
  std::string name;
  std::uint64_t modify_index = 0;
  // Of the text that it was read from: the same text need not be read again.
  std::uint64_t text_print = 0;
  std::size_t text_length = 0;
  bool operator==(const ServiceMark& other) const {
    return modify_index == other.modify_index && id == other.id && name == other.name;
  }
};
struct NodeMarks {
  std::uint64_t node_index = 0;  // ModifyIndex of the node itself, 0 = there is no such node
  std::vector<ServiceMark> services;
  bool operator==(const NodeMarks&) const = default;
};
struct CheckMark {
  std::string node;
  std::string check_id;
  std::string service_name;  // "" = a check of the node
  bool operator==(const CheckMark&) const = default;
};
// /v1/catalog/node-services/<node>. known: what an earlier answer about the node came to, by ID; what is written as it
// was then is taken from there.
Result<NodeMarks> decode_node_marks(std::string_view text, const std::vector<ServiceMark>& known = {});
Result<std::vector<CheckMark>> decode_check_marks(std::string_view text);   // /v1/health/state/<status>
Result<std::vector<std::string>> decode_node_names(std::string_view text);  // /v1/catalog/nodes

// Answers of kv, txn and session.
Result<std::vector<KvPair>> decode_kv_list(std::string_view text);
Result<TxnAnswer> decode_txn_answer(std::string_view text);
Result<std::string> decode_session_id(std::string_view text);  // {"ID": "…"}
Result<std::vector<Session>> decode_sessions(std::string_view text);

// Plain documents: true/false, "text", ["a", "b"] (null is empty).
Result<bool> decode_boolean(std::string_view text);
Result<std::string> decode_text(std::string_view text);
Result<std::vector<std::string>> decode_texts(std::string_view text);

// RFC 4648 section 4, padded. Decoding is strict: no white space, no missing padding.
std::string encode_base64(std::string_view bytes);
Result<std::string> decode_base64(std::string_view text);

}  // namespace longshore::consul
