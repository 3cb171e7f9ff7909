#include "common/registry/access.h"

#include "common/base/text.h"
#include "common/net/host_guard.h"

namespace longshore::registry {
namespace {

net::Response forbidden(const std::string& why) {
  net::Response response;
  response.status = 403;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body = why;
  return response;
}

std::string token_of(const net::Request& request) {
  if (const auto own = request.headers.get("X-Consul-Token")) return std::string(*own);
  constexpr std::string_view kBearer = "bearer ";
  const std::string_view authorization = request.headers.get("Authorization").value_or("");
  if (base::to_lower_ascii(authorization.substr(0, kBearer.size())) == kBearer)
    return std::string(base::trim(authorization.substr(kBearer.size())));
  const auto target = net::parse_target(request.target);
  return target ? std::string(target->get("token").value_or("")) : std::string();
}

// Takes the same time wherever the difference is.
bool same_secret(const std::string& left, const std::string& right) {
  unsigned difference = left.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < left.size(); ++i)
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i % right.size()]);
  return difference == 0;
}

}  // namespace

std::optional<net::Response> refusal(const AccessRules& rules, const net::Request& request) {
  if (rules.on_loopback && !net::host_is_local(request.headers.get("Host").value_or(""), rules.host))
    return forbidden("this address answers only requests for localhost");
  const bool reads = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  if (!reads && !net::same_origin(request)) return forbidden("writes from other origins are refused");
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (rules.token.empty() || path == "/healthz" || path == "/readyz") return std::nullopt;
  const std::string given = token_of(request);
  if (same_secret(given, rules.token)) return std::nullopt;
  if (!rules.own_token.empty() && same_secret(given, rules.own_token)) return std::nullopt;
  return forbidden("Permission denied");
}

}  // namespace longshore::registry
