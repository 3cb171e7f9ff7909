#include "common/consul/codec_values.h"

namespace longshore::consul {
namespace {

using json::Fields;
using json::Value;

// Sessions tell their TTL as a Go string, "" when there is none.
Result<base::Duration> ttl_of(const Fields& fields) {
  LS_TRY(text, fields.text("TTL"));
  if (text.empty()) return base::Duration{};
  auto ttl = base::parse_duration(text);
  if (!ttl) return fail(Errc::protocol, fields.path("TTL") + ": " + ttl.error().text);
  return *ttl;
}

}  // namespace

Result<KvPair> kv_pair_from(const Value& value, const std::string& path) {
  LS_TRY_STATUS(require_object(value, path));
  const Fields fields(value, path);
  LS_TRY(key, fields.text("Key"));
  LS_TRY(encoded, fields.text("Value"));
  LS_TRY(flags, fields.unsigned_integer("Flags"));
  LS_TRY(created, fields.unsigned_integer("CreateIndex"));
  LS_TRY(modified, fields.unsigned_integer("ModifyIndex"));
  LS_TRY(lock, fields.unsigned_integer("LockIndex"));
  LS_TRY(session, fields.text("Session"));
  auto bytes = decode_base64(encoded);
  if (!bytes) return fail(bytes.error().with(fields.path("Value")));
  KvPair out;
  out.key = std::move(key);
  out.value = *std::move(bytes);
  out.flags = flags;
  out.create_index = created;
  out.modify_index = modified;
  out.lock_index = lock;
  out.session = std::move(session);
  return out;
}

Result<Session> session_from(const Value& value, const std::string& path) {
  LS_TRY_STATUS(require_object(value, path));
  const Fields fields(value, path);
  LS_TRY(id, fields.text("ID"));
  LS_TRY(name, fields.text("Name"));
  LS_TRY(node, fields.text("Node"));
  LS_TRY(behavior, fields.text("Behavior"));
  LS_TRY(ttl, ttl_of(fields));
  Session out;
  out.id = std::move(id);
  out.name = std::move(name);
  out.node = std::move(node);
  out.ttl = ttl;
  out.behavior = std::move(behavior);
  return out;
}

Result<std::vector<KvPair>> decode_kv_list(std::string_view text) {
  LS_TRY(document, json::parse(text, "kv"));
  std::vector<KvPair> out;
  if (document.is_null()) return out;
  if (!document.is_array())
    return fail(Errc::protocol, "kv: expected an array, found " + std::string(document.type_name()));
  out.reserve(document.size());
  for (std::size_t i = 0; i < document.size(); ++i) {
    LS_TRY(pair, kv_pair_from(document[i], "kv[" + std::to_string(i) + "]"));
    out.push_back(std::move(pair));
  }
  return out;
}

Result<TxnAnswer> decode_txn_answer(std::string_view text) {
  LS_TRY(document, json::parse(text, "txn"));
  LS_TRY_STATUS(require_object(document, "txn"));
  const Fields fields(document, "");
  LS_TRY(results, fields.array("Results"));
  LS_TRY(errors, fields.array("Errors"));
  TxnAnswer out;
  for (std::size_t i = 0; results != nullptr && i < results->size(); ++i) {
    const std::string path = "Results[" + std::to_string(i) + "]";
    LS_TRY(pair, Fields((*results)[i], path).object("KV"));
    if (pair == nullptr) continue;
    LS_TRY(decoded, kv_pair_from(*pair, path + ".KV"));
    out.results.push_back(std::move(decoded));
  }
  for (std::size_t i = 0; errors != nullptr && i < errors->size(); ++i) {
    const Fields one((*errors)[i], "Errors[" + std::to_string(i) + "]");
    LS_TRY(index, one.integer("OpIndex"));
    LS_TRY(what, one.text("What"));
    out.errors.push_back(TxnError{index, std::move(what)});
  }
  return out;
}

Result<std::string> decode_session_id(std::string_view text) {
  LS_TRY(document, json::parse(text, "session"));
  LS_TRY_STATUS(require_object(document, "session"));
  LS_TRY(id, Fields(document, "").text("ID"));
  if (id.empty()) return fail(Errc::protocol, "session: no ID");
  return std::move(id);
}

Result<std::vector<Session>> decode_sessions(std::string_view text) {
  LS_TRY(document, json::parse(text, "sessions"));
  std::vector<Session> out;
  if (document.is_null()) return out;
  if (!document.is_array())
    return fail(Errc::protocol, "sessions: expected an array, found " + std::string(document.type_name()));
  for (std::size_t i = 0; i < document.size(); ++i) {
    LS_TRY(session, session_from(document[i], "sessions[" + std::to_string(i) + "]"));
    out.push_back(std::move(session));
  }
  return out;
}

Result<bool> decode_boolean(std::string_view text) {
  LS_TRY(document, json::parse(text, "answer"));
  if (!document.is_boolean())
    return fail(Errc::protocol, "answer: expected a boolean, found " + std::string(document.type_name()));
  return document.get<bool>();
}

Result<std::string> decode_text(std::string_view text) {
  LS_TRY(document, json::parse(text, "answer"));
  if (!document.is_string())
    return fail(Errc::protocol, "answer: expected a string, found " + std::string(document.type_name()));
  return document.get_ref<const std::string&>();
}

Result<std::vector<std::string>> decode_texts(std::string_view text) {
  LS_TRY(document, json::parse(text, "answer"));
  const Value wrapped = Value::object({{"answer", std::move(document)}});
  return Fields(wrapped, "").texts("answer");
}

}  // namespace longshore::consul
