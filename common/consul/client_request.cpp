#include "common/consul/client_request.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::consul {

std::vector<net::QueryItem> query_items(std::vector<net::QueryItem> own, const QueryOptions& options) {
  const auto text = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) own.push_back(net::QueryItem{std::string(key), value});
  };
  const auto mark = [&](std::string_view key, bool set) {
    if (set) own.push_back(net::QueryItem{std::string(key), "", false});
  };
  text("dc", options.datacenter);
  text("near", options.near);
  text("filter", options.filter);
  text("ns", options.ns);
  text("partition", options.partition);
  text("peer", options.peer);
  mark("stale", options.stale);
  mark("consistent", options.consistent);
  if (options.index != 0) {
    text("index", std::to_string(options.index));
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(options.wait).count();
    if (milliseconds > 0) text("wait", std::to_string(milliseconds) + "ms");
  }
  return own;
}

void add_credentials(net::Request& request, const ClientSettings& settings) {
  if (!settings.token.empty()) request.headers.set("X-Consul-Token", settings.token);
  if (settings.auth.empty()) return;
  // A user without a password has an empty one.
  const bool whole = settings.auth.find(':') != std::string::npos;
  request.headers.set("Authorization", "Basic " + encode_base64(whole ? settings.auth : settings.auth + ":"));
}

AnswerMeta answer_meta(const net::Headers& headers) {
  AnswerMeta meta;
  const auto number = [&](std::string_view name) {
    return base::parse_uint(headers.get(name).value_or("")).value_or(0);
  };
  meta.index = number("X-Consul-Index");
  meta.last_contact = std::chrono::milliseconds(std::min<std::uint64_t>(number("X-Consul-LastContact"), INT32_MAX));
  meta.known_leader = headers.get("X-Consul-KnownLeader").value_or("true") == "true";
  return meta;
}

Error status_error(const std::string& what, const net::Response& response) {
  Errc code = Errc::rejected;
  if (response.status == 404) code = Errc::not_found;
  if (response.status == 429 || response.status >= 500) code = Errc::server_error;
  constexpr std::size_t kEnough = 300;
  const std::string_view said = base::trim(std::string_view(response.body).substr(0, kEnough));
  std::string text = "Consul: " + what + ": " + std::to_string(response.status);
  if (!said.empty()) text += ": " + std::string(said.substr(0, said.find('\n')));
  return Error{code, std::move(text)};
}

net::PhaseTimeouts limits_for(net::PhaseTimeouts limits, const QueryOptions& options) {
  if (options.index == 0) return limits;
  constexpr base::Duration kDefaultWait = std::chrono::minutes(5);
  const base::Duration wait = options.wait > base::Duration(0) ? options.wait : kDefaultWait;
  limits.first_byte = wait + wait / 16 + limits.first_byte;
  return limits;
}

}  // namespace longshore::consul
