#include "common/consul/client.h"

#include "common/consul/client_request.h"

namespace longshore::consul {
namespace {

std::string escaped(std::string_view segment) {
  return net::percent_encode(segment);
}

template <class T>
Result<Answer<T>> answer_of(Result<T> value, const AnswerMeta& meta) {
  if (!value) return fail(value.error().with("Consul"));
  Answer<T> answer;
  answer.value = std::move(*value);
  answer.meta = meta;
  return answer;
}

}  // namespace

Client::Client(async::Executor executor, ClientSettings settings)
    : settings_(std::move(settings)),
      http_(std::make_unique<net::HttpClient>(std::move(executor), settings_.endpoint, settings_.tls, settings_.pool)) {
}

async::Awaitable<Result<net::Response>> Client::raw(net::Request request, net::PhaseTimeouts limits,
                                                    net::BodySink sink) {
  add_credentials(request, settings_);
  auto response = co_await http_->round_trip(std::move(request), limits, std::move(sink));
  if (!response) co_return fail(response.error().with("Consul"));
  co_return std::move(*response);
}

async::Awaitable<Result<std::string>> Client::call(std::string method, std::string target, std::string body) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  const std::string what = request.method + " " + request.target.substr(0, request.target.find('?'));
  auto response = co_await raw(std::move(request), settings_.limits);
  if (!response) co_return fail(response.error().with(what));
  if (response->status != 200) co_return fail(status_error(what, *response));
  co_return std::move(response->body);
}

async::Awaitable<Result<net::Response>> Client::get(std::string path, std::vector<net::QueryItem> query,
                                                    QueryOptions options, net::BodySink sink) {
  if (options.ns.empty()) options.ns = settings_.ns;
  if (options.partition.empty()) options.partition = settings_.partition;
  net::Request request;
  request.target = net::build_target(path, query_items(std::move(query), options));
  const net::PhaseTimeouts limits = limits_for(settings_.limits, options);
  auto response = co_await raw(std::move(request), limits, std::move(sink));
  if (!response) co_return fail(response.error().with("GET " + path));
  co_return std::move(*response);
}

async::Awaitable<Result<Answer<std::string>>> Client::read(std::string path, std::vector<net::QueryItem> query,
                                                           QueryOptions options) {
  net::BodySink none;
  auto response = co_await get(path, std::move(query), std::move(options), std::move(none));
  if (!response) co_return fail(std::move(response).error());
  if (response->status != 200) co_return fail(status_error("GET " + path, *response));
  Answer<std::string> answer;
  answer.meta = answer_meta(response->headers);
  answer.value = std::move(response->body);
  co_return std::move(answer);
}

async::Awaitable<Result<AnswerMeta>> Client::read_into(std::string path, std::vector<net::QueryItem> query,
                                                       QueryOptions options, net::BodySink sink) {
  auto response = co_await get(path, std::move(query), std::move(options), std::move(sink));
  if (!response) co_return fail(std::move(response).error());
  if (response->status != 200) co_return fail(status_error("GET " + path, *response));
  co_return answer_meta(response->headers);
}

async::Awaitable<Result<AnswerMeta>> Client::probe(std::string path, std::vector<net::QueryItem> query,
                                                   QueryOptions options) {
  net::BodySink none;
  auto response = co_await get(path, std::move(query), std::move(options), std::move(none));
  if (!response) co_return fail(std::move(response).error());
  const AnswerMeta meta = answer_meta(response->headers);
  if (response->status == 200 || (response->status == 404 && meta.index != 0)) co_return meta;
  co_return fail(status_error("GET " + path, *response));
}

async::Awaitable<Status> Client::register_service(Registration registration, bool replace_checks) {
  std::string target = "/v1/agent/service/register";
  if (replace_checks) target += "?replace-existing-checks=true";
  std::string body = encode_registration(registration);
  auto done = co_await call("PUT", std::move(target), std::move(body));
  if (!done) co_return fail(std::move(done).error());
  co_return Status();
}

async::Awaitable<Status> Client::deregister_service(std::string id) {
  auto done = co_await call("PUT", "/v1/agent/service/deregister/" + escaped(id), std::string());
  // Newer agents answer 404 "Unknown service ID"; older ones 200.
  if (!done && done.error().code != Errc::not_found) co_return fail(std::move(done).error());
  co_return Status();
}

async::Awaitable<Result<std::map<std::string, Service>>> Client::agent_services(std::string filter) {
  QueryOptions options;
  options.filter = std::move(filter);
  auto answer = co_await read("/v1/agent/services", std::vector<net::QueryItem>(), std::move(options));
  if (!answer) co_return fail(std::move(answer).error());
  co_return decode_agent_services(answer->value);
}

async::Awaitable<Result<std::map<std::string, HealthCheck>>> Client::agent_checks(std::string filter) {
  QueryOptions options;
  options.filter = std::move(filter);
  auto answer = co_await read("/v1/agent/checks", std::vector<net::QueryItem>(), std::move(options));
  if (!answer) co_return fail(std::move(answer).error());
  co_return decode_agent_checks(answer->value);
}

async::Awaitable<Result<AgentSelf>> Client::agent_self() {
  auto text = co_await call("GET", "/v1/agent/self", std::string());
  if (!text) co_return fail(std::move(text).error());
  co_return decode_agent_self(*text);
}

async::Awaitable<Status> Client::deregister_check(std::string check_id) {
  auto done = co_await call("PUT", "/v1/agent/check/deregister/" + escaped(check_id), std::string());
  if (!done && done.error().code != Errc::not_found) co_return fail(std::move(done).error());
  co_return Status();
}

async::Awaitable<Status> Client::update_ttl(std::string check_id, std::string status, std::string output) {
  std::string body = encode_ttl_update(status, output);
  auto done = co_await call("PUT", "/v1/agent/check/update/" + escaped(check_id), std::move(body));
  if (!done) {
    Error error = std::move(done).error();
    // Consul 1.8.7 answers 500 with these words, newer ones 404.
    if (error.text.find("does not have associated TTL") != std::string::npos) error.code = Errc::not_found;
    co_return fail(std::move(error));
  }
  co_return Status();
}

async::Awaitable<Status> Client::service_maintenance(std::string id, bool enable, std::string reason) {
  std::string target = "/v1/agent/service/maintenance/" + escaped(id) + "?enable=" + (enable ? "true" : "false");
  if (!reason.empty()) target += "&reason=" + escaped(reason);
  auto done = co_await call("PUT", std::move(target), std::string());
  if (!done) co_return fail(std::move(done).error());
  co_return Status();
}

async::Awaitable<Result<std::string>> Client::leader() {
  auto text = co_await call("GET", "/v1/status/leader", std::string());
  if (!text) co_return fail(std::move(text).error());
  co_return decode_text(*text);
}

async::Awaitable<Result<Answer<std::vector<ServiceEntry>>>> Client::health_service(std::string name, std::string tag,
                                                                                   bool passing, QueryOptions options,
                                                                                   CheckDetail detail) {
  std::vector<net::QueryItem> query;
  if (!tag.empty()) query.push_back(net::QueryItem{"tag", tag});
  if (passing) query.push_back(net::QueryItem{"passing", "1"});
  auto answer = co_await read("/v1/health/service/" + escaped(name), std::move(query), std::move(options));
  if (!answer) co_return fail(std::move(answer).error());
  co_return answer_of(decode_health_service(answer->value, detail), answer->meta);
}

async::Awaitable<Result<Answer<ServiceNames>>> Client::catalog_services(QueryOptions options) {
  auto answer = co_await read("/v1/catalog/services", std::vector<net::QueryItem>(), std::move(options));
  if (!answer) co_return fail(std::move(answer).error());
  co_return answer_of(decode_catalog_services(answer->value), answer->meta);
}

async::Awaitable<Result<Answer<std::vector<Node>>>> Client::catalog_nodes(QueryOptions options) {
  auto answer = co_await read("/v1/catalog/nodes", std::vector<net::QueryItem>(), std::move(options));
  if (!answer) co_return fail(std::move(answer).error());
  co_return answer_of(decode_nodes(answer->value), answer->meta);
}

async::Awaitable<Result<Answer<std::optional<NodeServices>>>> Client::catalog_node(std::string name,
                                                                                   QueryOptions options) {
  auto answer = co_await read("/v1/catalog/node/" + escaped(name), std::vector<net::QueryItem>(), std::move(options));
  if (!answer) co_return fail(std::move(answer).error());
  co_return answer_of(decode_catalog_node(answer->value), answer->meta);
}

async::Awaitable<Result<std::vector<std::string>>> Client::datacenters() {
  auto text = co_await call("GET", "/v1/catalog/datacenters", std::string());
  if (!text) co_return fail(std::move(text).error());
  co_return decode_texts(*text);
}

}  // namespace longshore::consul
