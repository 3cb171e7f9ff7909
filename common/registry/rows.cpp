#include "common/registry/rows.h"

#include "common/consul/codec_values.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Fields;
using json::Value;

// Keys hold two names; both are free text, so they travel as a JSON array.
std::string pair_key(const std::string& node, const std::string& id) {
  return json::dump(Value::array({node, id}));
}

Result<Value> document(const Row& row) {
  if (!row.value) return fail(Errc::io, row.kind + " " + row.key + ": no value");
  return json::parse(*row.value, row.kind + " " + row.key);
}

template <class T>
Status read_indexes(const Fields& fields, Indexed<T>& record) {
  LS_TRY(created, fields.unsigned_integer("CreateIndex"));
  LS_TRY(modified, fields.unsigned_integer("ModifyIndex"));
  record.created = created;
  record.modified = modified;
  return {};
}

}  // namespace

Row node_row(const NodeRecord& node) {
  return Row{"node", pair_key(node.value.node, ""), json::dump(node_json(node))};
}

Row service_row(const std::string& node, const ServiceRecord& service) {
  Value value = service_json(service);
  value["Node"] = node;
  return Row{"service", pair_key(node, service.value.id), json::dump(value)};
}

Row check_row(const CheckRecord& check) {
  return Row{"check", pair_key(check.value.node, check.value.check_id), json::dump(check_json(check))};
}

Row kv_row(const consul::KvPair& pair) {
  return Row{"kv", pair.key, json::dump(kv_json(pair, true))};
}

Row session_row(const SessionRecord& session) {
  return Row{"session", session.id, json::dump(session_json(session))};
}

Row definition_row(const std::string& check_id, const LocalCheck& check) {
  Value value = consul::to_json(check.definition);
  value["ServiceID"] = check.service_id;
  return Row{"definition", check_id, json::dump(value)};
}

Row erased_row(std::string kind, const OnNode& id) {
  return Row{std::move(kind), pair_key(id.first, id.second), std::nullopt};
}

Result<NodeRecord> node_of(const Row& row) {
  LS_TRY(value, document(row));
  LS_TRY(node, consul::node_from(value, "node"));
  NodeRecord record;
  record.value = std::move(node);
  LS_TRY_STATUS(read_indexes(Fields(value, "node"), record));
  return record;
}

Result<std::pair<std::string, ServiceRecord>> service_of(const Row& row) {
  LS_TRY(value, document(row));
  LS_TRY(service, consul::service_from(value, "service"));
  const Fields fields(value, "service");
  LS_TRY(node, fields.text("Node"));
  ServiceRecord record;
  record.value = std::move(service);
  LS_TRY_STATUS(read_indexes(fields, record));
  return std::pair<std::string, ServiceRecord>(std::move(node), std::move(record));
}

Result<CheckRecord> check_of(const Row& row) {
  LS_TRY(value, document(row));
  LS_TRY(check, consul::health_check_from(value, "check"));
  CheckRecord record;
  record.value = std::move(check);
  LS_TRY_STATUS(read_indexes(Fields(value, "check"), record));
  return record;
}

Result<consul::KvPair> kv_of(const Row& row) {
  LS_TRY(value, document(row));
  LS_TRY(pair, consul::kv_pair_from(value, "kv"));
  // Keys are bytes, JSON is not: the row's own key is the true one.
  pair.key = row.key;
  return std::move(pair);
}

Result<SessionRecord> session_of(const Row& row) {
  LS_TRY(value, document(row));
  LS_TRY(session, consul::session_from(value, "session"));
  const Fields fields(value, "session");
  LS_TRY(delay, fields.integer("LockDelay"));
  LS_TRY(checks, fields.texts("NodeChecks"));
  LS_TRY(created, fields.unsigned_integer("CreateIndex"));
  LS_TRY(modified, fields.unsigned_integer("ModifyIndex"));
  SessionRecord record;
  record.id = std::move(session.id);
  record.name = std::move(session.name);
  record.node = std::move(session.node);
  record.ttl = session.ttl;
  LS_TRY(ttl_text, fields.text("TTL"));
  record.ttl_text = std::move(ttl_text);
  record.lock_delay = base::Duration(delay);
  record.behavior = std::move(session.behavior);
  record.node_checks = std::move(checks);
  record.created = created;
  record.modified = modified;
  return record;
}

Result<LocalCheck> definition_of(const Row& row) {
  LS_TRY(value, document(row));
  LS_TRY(definition, consul::check_definition_from(value, "definition"));
  LS_TRY(service, Fields(value, "definition").text("ServiceID"));
  LocalCheck check;
  check.definition = std::move(definition);
  check.service_id = std::move(service);
  return check;
}

}  // namespace longshore::registry
