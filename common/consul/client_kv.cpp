// KV, transactions and sessions of the client.
#include "common/consul/client.h"
#include "common/consul/client_request.h"

namespace longshore::consul {
namespace {

std::string kv_path(std::string_view key) {
  return "/v1/kv/" + net::percent_encode(key, true);
}

// Absent keys and empty prefixes answer 404 with a body of nothing and a usable index.
struct KvAnswer {
  std::vector<KvPair> pairs;
  AnswerMeta meta;
};

Result<KvAnswer> kv_answer(const std::string& what, const net::Response& response) {
  KvAnswer out;
  out.meta = answer_meta(response.headers);
  if (response.status == 404 && out.meta.index != 0) return out;
  if (response.status != 200) return fail(status_error(what, response));
  Result<std::vector<KvPair>> pairs = decode_kv_list(response.body);
  if (!pairs) return fail(pairs.error().with("Consul: " + what));
  out.pairs = std::move(*pairs);
  return out;
}

net::Request kv_request(const ClientSettings& settings, std::string_view key, bool recurse, QueryOptions& options) {
  if (options.ns.empty()) options.ns = settings.ns;
  if (options.partition.empty()) options.partition = settings.partition;
  std::vector<net::QueryItem> query;
  if (recurse) query.push_back(net::QueryItem{"recurse", "", false});
  net::Request request;
  request.target = net::build_target(kv_path(key), query_items(std::move(query), options));
  return request;
}

}  // namespace

async::Awaitable<Result<Answer<std::optional<KvPair>>>> Client::kv_get(std::string key, QueryOptions options) {
  net::Request request = kv_request(settings_, key, false, options);
  const net::PhaseTimeouts limits = limits_for(settings_.limits, options);
  auto response = co_await raw(std::move(request), limits);
  if (!response) co_return fail(response.error().with("GET " + kv_path(key)));
  Result<KvAnswer> pairs = kv_answer("GET " + kv_path(key), *response);
  if (!pairs) co_return fail(std::move(pairs).error());
  Answer<std::optional<KvPair>> answer;
  answer.meta = pairs->meta;
  if (!pairs->pairs.empty()) answer.value = std::move(pairs->pairs.front());
  co_return std::move(answer);
}

async::Awaitable<Result<Answer<std::vector<KvPair>>>> Client::kv_list(std::string prefix, QueryOptions options) {
  net::Request request = kv_request(settings_, prefix, true, options);
  const net::PhaseTimeouts limits = limits_for(settings_.limits, options);
  auto response = co_await raw(std::move(request), limits);
  if (!response) co_return fail(response.error().with("GET " + kv_path(prefix)));
  Result<KvAnswer> pairs = kv_answer("GET " + kv_path(prefix), *response);
  if (!pairs) co_return fail(std::move(pairs).error());
  Answer<std::vector<KvPair>> answer;
  answer.meta = pairs->meta;
  answer.value = std::move(pairs->pairs);
  co_return std::move(answer);
}

async::Awaitable<Result<bool>> Client::kv_put(std::string key, std::string value, KvWrite how) {
  std::vector<net::QueryItem> query;
  if (how.cas) query.push_back(net::QueryItem{"cas", std::to_string(*how.cas)});
  if (!how.acquire.empty()) query.push_back(net::QueryItem{"acquire", how.acquire});
  if (!how.release.empty()) query.push_back(net::QueryItem{"release", how.release});
  if (how.flags != 0) query.push_back(net::QueryItem{"flags", std::to_string(how.flags)});
  auto text = co_await call("PUT", net::build_target(kv_path(key), query), std::move(value));
  if (!text) co_return fail(std::move(text).error());
  co_return decode_boolean(*text);
}

async::Awaitable<Result<bool>> Client::kv_delete(std::string key, std::optional<std::uint64_t> cas, bool recurse) {
  std::vector<net::QueryItem> query;
  if (cas) query.push_back(net::QueryItem{"cas", std::to_string(*cas)});
  if (recurse) query.push_back(net::QueryItem{"recurse", "", false});
  auto text = co_await call("DELETE", net::build_target(kv_path(key), query), std::string());
  if (!text) co_return fail(std::move(text).error());
  co_return decode_boolean(*text);
}

async::Awaitable<Result<TxnAnswer>> Client::txn(std::vector<TxnOperation> operations) {
  net::Request request;
  request.method = "PUT";
  request.target = "/v1/txn";
  request.body = encode_txn(operations);
  auto response = co_await raw(std::move(request), settings_.limits);
  if (!response) co_return fail(response.error().with("PUT /v1/txn"));
  if (response->status != 200 && response->status != 409) co_return fail(status_error("PUT /v1/txn", *response));
  co_return decode_txn_answer(response->body);
}

async::Awaitable<Result<std::string>> Client::session_create(SessionRequest wanted) {
  std::string body = encode_session_request(wanted);
  auto text = co_await call("PUT", "/v1/session/create", std::move(body));
  if (!text) co_return fail(std::move(text).error());
  co_return decode_session_id(*text);
}

async::Awaitable<Result<base::Duration>> Client::session_renew(std::string id) {
  auto text = co_await call("PUT", "/v1/session/renew/" + net::percent_encode(id), std::string());
  if (!text) co_return fail(std::move(text).error());
  Result<std::vector<Session>> sessions = decode_sessions(*text);
  if (!sessions) co_return fail(sessions.error().with("Consul"));
  if (sessions->empty()) co_return fail(Errc::not_found, "Consul: the session is gone");
  co_return sessions->front().ttl;
}

async::Awaitable<Status> Client::session_destroy(std::string id) {
  auto done = co_await call("PUT", "/v1/session/destroy/" + net::percent_encode(id), std::string());
  if (!done) co_return fail(std::move(done).error());
  co_return Status();
}

}  // namespace longshore::consul
