#include "common/registry/access.h"

#include <doctest/doctest.h>

#include "make.h"

namespace longshore::registry {
namespace {

int status(const AccessRules& rules, const std::string& method, const std::string& target, net::Headers headers) {
  net::Request request = test::request(method, target);
  request.headers = std::move(headers);
  const auto refused = refusal(rules, request);
  return refused ? refused->status : 0;
}

}  // namespace

TEST_CASE("on loopback only local names are served") {
  const AccessRules rules{true, "127.0.0.1", ""};
  const std::pair<const char*, int> table[] = {
      {"localhost:8500", 0}, {"127.0.0.1:8500", 0},  {"[::1]:8500", 0},       {"127.9.9.9", 0},
      {"evil.example", 403}, {"10.0.0.1:8500", 403}, {"localhost.evil", 403}, {"", 0}};
  for (const auto& [host, expected] : table) {
    CAPTURE(host);
    CHECK(status(rules, "GET", "/v1/kv/a", {{"Host", host}}) == expected);
  }
  CHECK(status(AccessRules{false, "10.0.0.1", "t"}, "GET", "/v1/kv/a",
               {{"Host", "registry.example"}, {"X-Consul-Token", "t"}}) == 0);
}

TEST_CASE("writes from other origins are refused, reads are the browser's business") {
  const AccessRules rules{true, "127.0.0.1", ""};
  const auto with_origin = [](const char* origin) {
    return net::Headers{{"Host", "localhost:8500"}, {"Origin", origin}};
  };
  CHECK(status(rules, "PUT", "/v1/kv/a", with_origin("http://evil.example")) == 403);
  CHECK(status(rules, "DELETE", "/v1/kv/a", with_origin("null")) == 403);
  CHECK(status(rules, "PUT", "/v1/kv/a", with_origin("http://localhost:8500")) == 0);
  CHECK(status(rules, "GET", "/v1/kv/a", with_origin("http://evil.example")) == 0);
}

TEST_CASE("the token in each of its places") {
  const AccessRules rules{false, "10.0.0.1", "secret"};
  CHECK(status(rules, "GET", "/v1/kv/a", {{"X-Consul-Token", "secret"}}) == 0);
  CHECK(status(rules, "GET", "/v1/kv/a", {{"Authorization", "Bearer secret"}}) == 0);
  CHECK(status(rules, "GET", "/v1/kv/a", {{"Authorization", "bearer  secret "}}) == 0);
  CHECK(status(rules, "GET", "/v1/kv/a?token=secret", {}) == 0);
  CHECK(status(rules, "GET", "/v1/kv/a", {}) == 403);
  CHECK(status(rules, "GET", "/v1/kv/a", {{"X-Consul-Token", "secre"}}) == 403);
  CHECK(status(rules, "GET", "/v1/kv/a", {{"X-Consul-Token", "secretsecret"}}) == 403);
  CHECK(status(rules, "GET", "/v1/kv/a", {{"X-Consul-Token", ""}}) == 403);
  CHECK(status(rules, "GET", "/v1/kv/a", {{"Authorization", "Basic secret"}}) == 403);
  CHECK(status(rules, "GET", "/metrics", {}) == 403);
  CHECK(status(rules, "GET", "/healthz", {}) == 0);
  CHECK(status(rules, "GET", "/readyz?x", {}) == 0);
  const AccessRules both{true, "127.0.0.1", "secret", "own"};
  for (const auto& [token, expected] : {std::pair("secret", 0), std::pair("own", 0), std::pair("", 403)})
    CHECK(status(both, "GET", "/v1/kv/a", {{"Host", "localhost"}, {"X-Consul-Token", token}}) == expected);
}

}  // namespace longshore::registry
