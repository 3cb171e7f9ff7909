#include "renderer/io/notifier.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "common/base/text.h"
#include "common/json/json.h"
#include "common/net/http_client.h"

namespace longshore::render {
namespace {

json::Value members(const std::vector<Notice::Member>& list) {
  json::Value out = json::Value::array();
  for (const Notice::Member& one : list) out.push_back({{"node", one.node}, {"id", one.id}, {"address", one.address}});
  return out;
}

}  // namespace

std::string notice_json(const Notice& notice) {
  json::Value out;
  out["version"] = 1;
  out["event"] = to_string(notice.event);
  out["service"] = notice.service;
  out["instances"] = notice.left.size();
  out["below"] = notice.below;
  out["left"] = members(notice.left);
  out["gone"] = members(notice.gone);
  return json::dump(out);
}

std::map<std::string, std::string, std::less<>> notice_environment(const Notice& notice) {
  std::vector<std::string> nodes;
  for (const Notice::Member& one : notice.gone)
    if (std::ranges::find(nodes, one.node) == nodes.end()) nodes.push_back(one.node);
  return {{"LONGSHORE_WATCH_EVENT", std::string(to_string(notice.event))},
          {"LONGSHORE_WATCH_SERVICE", notice.service},
          {"LONGSHORE_WATCH_INSTANCES", std::to_string(notice.left.size())},
          {"LONGSHORE_WATCH_BELOW", std::to_string(notice.below)},
          {"LONGSHORE_WATCH_GONE_NODES", base::join(nodes, ",")},
          {"LONGSHORE_WATCH_JSON", notice_json(notice)}};
}

Result<NoticeUrl> parse_notice_url(std::string_view url) {
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://"))
    return fail(Errc::invalid_input, "\"" + to_log(url) + "\" is no http:// or https:// URL");
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = std::min(url.find_first_of("/?", host), url.size());
  if (path == host || url[host] == ':') return fail(Errc::invalid_input, "\"" + to_log(url) + "\" names no host");
  LS_TRY(endpoint, net::parse_url(url.substr(0, path), tls ? 443 : 80));
  std::string target(url.substr(path));
  if (!target.starts_with('/')) target.insert(0, "/");
  for (const char c : target)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
      return fail(Errc::invalid_input, "\"" + to_log(url) + "\": a URL has no blanks; write %20");
  return NoticeUrl{std::move(endpoint), std::move(target)};
}

std::string to_log(std::string_view url) {
  return std::string(url.substr(0, url.find('?')));
}

async::Awaitable<Status> post_notice(NoticeSpec spec, std::string body) {
  Result<NoticeUrl> url = parse_notice_url(spec.url);
  if (!url) co_return fail(std::move(url.error()));
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  net::HttpClient client(executor, url->endpoint);
  net::Request request;
  request.method = "POST";
  request.target = url->target;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("User-Agent", "longshore");
  for (const auto& [name, value] : spec.headers) request.headers.set(name, value);
  request.body = std::move(body);
  net::PhaseTimeouts limits;
  limits.connect = limits.tls = limits.send = limits.first_byte = limits.body_idle = spec.timeout;
  Result<net::Response> answer = co_await client.round_trip(std::move(request), limits);
  if (!answer) co_return fail(std::move(answer.error()));
  if (answer->status / 100 != 2)
    co_return fail(Errc::check_failed, "answered " + std::to_string(answer->status) + " " +
                                           std::string(base::trim(answer->body.substr(0, 200))));
  co_return Status{};
}

}  // namespace longshore::render
