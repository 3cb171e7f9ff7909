// Consul's HTTP API as typed coroutines over one HttpClient. Statuses become errors here: 404 not_found,
// 403 and other 4xx rejected, 429 and 5xx server_error; the text carries Consul's own words, never a token.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/consul/codec.h"
#include "common/consul/model.h"
#include "common/net/http_client.h"

namespace longshore::consul {

struct ClientSettings {
  net::Endpoint endpoint;
  net::TlsSettings tls;
  std::string token;
  std::string auth;  // "user:password" for HTTP basic authentication, "" = none
  std::string ns;
  std::string partition;
  net::ClientOptions pool;
  net::PhaseTimeouts limits;
};

struct KvWrite {
  std::optional<std::uint64_t> cas;
  std::string acquire;  // session
  std::string release;  // session
  std::uint64_t flags = 0;
};

class Client {
 public:
  Client(async::Executor executor, ClientSettings settings);

  // Agent
  async::Awaitable<Status> register_service(Registration registration, bool replace_checks);
  async::Awaitable<Status> deregister_service(std::string id);  // an unknown ID is a success (newer agents answer 404)
  async::Awaitable<Result<std::map<std::string, Service>>> agent_services(std::string filter = {});
  async::Awaitable<Result<std::map<std::string, HealthCheck>>> agent_checks(std::string filter = {});
  async::Awaitable<Result<AgentSelf>> agent_self();
  async::Awaitable<Status> deregister_check(std::string check_id);  // an unknown ID is a success
  // not_found when the agent has no TTL check of that ID.
  async::Awaitable<Status> update_ttl(std::string check_id, std::string status, std::string output);
  async::Awaitable<Status> service_maintenance(std::string id, bool enable, std::string reason);
  async::Awaitable<Result<std::string>> leader();  // "" = none

  // Catalog and health; `value` of an unknown name is empty, not an error.
  async::Awaitable<Result<Answer<std::vector<ServiceEntry>>>> health_service(std::string name, std::string tag,
                                                                             bool passing, QueryOptions options,
                                                                             CheckDetail detail = CheckDetail::full);
  async::Awaitable<Result<Answer<ServiceNames>>> catalog_services(QueryOptions options);
  async::Awaitable<Result<Answer<std::vector<Node>>>> catalog_nodes(QueryOptions options);
  async::Awaitable<Result<Answer<std::optional<NodeServices>>>> catalog_node(std::string name, QueryOptions options);
  async::Awaitable<Result<std::vector<std::string>>> datacenters();

  // KV; an absent key is an empty optional with a usable index.
  async::Awaitable<Result<Answer<std::optional<KvPair>>>> kv_get(std::string key, QueryOptions options);
  async::Awaitable<Result<Answer<std::vector<KvPair>>>> kv_list(std::string prefix, QueryOptions options);
  async::Awaitable<Result<bool>> kv_put(std::string key, std::string value, KvWrite how);
  async::Awaitable<Result<bool>> kv_delete(std::string key, std::optional<std::uint64_t> cas, bool recurse);
  // All or nothing; refused as a whole (409) when the answer has errors. At most 64 operations.
  async::Awaitable<Result<TxnAnswer>> txn(std::vector<TxnOperation> operations);

  // Sessions
  async::Awaitable<Result<std::string>> session_create(SessionRequest request);
  async::Awaitable<Result<base::Duration>> session_renew(std::string id);  // the TTL to obey; not_found when gone
  async::Awaitable<Status> session_destroy(std::string id);

  // Anything else: target without the base path, headers (token, auth) are added. Status not judged.
  async::Awaitable<Result<net::Response>> raw(net::Request request, net::PhaseTimeouts limits, net::BodySink sink = {});

  // GET of a blocking or plain read, limits stretched to the wait; 200 or an error.
  async::Awaitable<Result<Answer<std::string>>> read(std::string path, std::vector<net::QueryItem> query,
                                                     QueryOptions options);

  // The same, and the body goes where the caller wants it, piece by piece; nothing may be made of it before the end.
  async::Awaitable<Result<AnswerMeta>> read_into(std::string path, std::vector<net::QueryItem> query,
                                                 QueryOptions options, net::BodySink sink);

  // What the headers of such a read say, of an absent thing (404) too; the body is not looked at.
  async::Awaitable<Result<AnswerMeta>> probe(std::string path, std::vector<net::QueryItem> query, QueryOptions options);

  const ClientSettings& settings() const { return settings_; }
  // For the requests that start from now on: a token was rotated.
  void set_credentials(std::string token, std::string auth) {
    settings_.token = std::move(token);
    settings_.auth = std::move(auth);
  }
  net::HttpClient& http() { return *http_; }

 private:
  async::Awaitable<Result<net::Response>> get(std::string path, std::vector<net::QueryItem> query, QueryOptions options,
                                              net::BodySink sink);
  async::Awaitable<Result<std::string>> call(std::string method, std::string target, std::string body);

  ClientSettings settings_;
  std::unique_ptr<net::HttpClient> http_;
};

}  // namespace longshore::consul
