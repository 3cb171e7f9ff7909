// /v1/session.
#include "common/consul/loose_fields.h"
#include "common/registry/exchange.h"
#include "common/registry/registration_rules.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Value;

// A missing or malformed id is answered before anything is looked up.
std::optional<net::Response> bad_id(const Exchange& x, bool reads) {
  if (x.rest.empty()) return x.error(400, "Missing session");
  if (const auto problem = uuid_problem(x.rest)) return reads ? x.rpc_error(*problem) : x.error(500, *problem);
  return std::nullopt;
}

// Consul shows the TTL as it was sent.
std::string ttl_text(const std::string& body) {
  const auto document = json::parse(body, "session");
  if (!document || !document->is_object()) return {};
  const Value* ttl = consul::LooseFields(*document, "").find("TTL");
  return ttl != nullptr && ttl->is_string() ? ttl->get<std::string>() : std::string();
}

template <class Keep>
Outcome sessions_answer(Exchange& x, Keep keep) {
  if (auto bad = x.bad_options()) return *bad;
  const std::uint64_t index = x.store.sessions_index();
  if (auto wait = x.park(index, {{Topic::Kind::sessions, ""}})) return *std::move(wait);
  Value out = Value::array();
  for (const auto& [id, session] : x.store.sessions())
    if (keep(session)) out.push_back(session_json(session));
  return x.answer(out, index, false);
}

}  // namespace

Outcome session_create(Exchange& x) {
  if (auto bad = x.bad_options(false)) return *bad;
  const auto request = consul::decode_session_request(x.request().body);
  if (!request) return x.error(400, "Request decode failed: " + request.error().text);
  const auto id = x.store.create_session(*request, ttl_text(x.request().body), x.now);
  if (!id) return x.error(500, id.error().text);
  Value out = Value::object();
  out["ID"] = *id;
  return x.plain_json(out);
}

Outcome session_destroy(Exchange& x) {
  if (auto bad = x.bad_options(false)) return *bad;
  if (auto bad = bad_id(x, false)) return *bad;
  x.store.destroy_session(x.rest, x.now);
  return x.plain_json(true);
}

Outcome session_renew(Exchange& x) {
  if (auto bad = x.bad_options(false)) return *bad;
  if (auto bad = bad_id(x, false)) return *bad;
  const SessionRecord* session = x.store.renew_session(x.rest, x.now);
  if (session == nullptr) return x.error(404, "Session id '" + x.rest + "' not found");
  Value out = Value::array();
  out.push_back(session_json(*session));
  return x.plain_json(out);
}

Outcome session_info(Exchange& x) {
  if (auto bad = bad_id(x, true)) return *bad;
  return sessions_answer(x, [&](const SessionRecord& session) { return session.id == x.rest; });
}

Outcome session_list(Exchange& x) {
  return sessions_answer(x, [](const SessionRecord&) { return true; });
}

Outcome session_node(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing node name");
  return sessions_answer(x, [&](const SessionRecord& session) { return session.node == x.rest; });
}

}  // namespace longshore::registry
