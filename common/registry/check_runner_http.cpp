#include "common/net/http_client.h"
#include "common/registry/check_runner.h"
#include "common/registry/check_url.h"

namespace longshore::registry {
namespace {

constexpr std::size_t kLongestOutput = 4096;
constexpr int kMostRedirects = 10;

net::Request request_for(const consul::CheckDefinition& check, const std::string& target) {
  net::Request request;
  request.method = check.method.empty() ? "GET" : check.method;
  request.target = target;
  request.headers.set("User-Agent", "Consul Health Check");
  request.headers.set("Accept", "text/plain, text/*, */*");
  request.headers.set("Connection", "close");
  for (const auto& [name, values] : check.header)
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i == 0)
        request.headers.set(name, values[i]);
      else
        request.headers.add(name, values[i]);
    }
  request.body = check.body;
  return request;
}

net::PhaseTimeouts limits_of(base::Duration left) {
  net::PhaseTimeouts limits;
  limits.connect = limits.tls = limits.send = limits.first_byte = limits.body_idle = left;
  return limits;
}

// What the answer said first; a body that does not end in time is cut there.
async::Awaitable<std::string> read_body(net::BodyStream& stream, base::TimePoint end) {
  std::string body;
  while (body.size() < kLongestOutput) {
    const base::Duration left = end - async::now();
    if (left <= base::Duration{}) break;
    auto piece = co_await stream.read(left);
    if (!piece || piece->empty()) break;
    body += *piece;
  }
  if (body.size() > kLongestOutput) body.resize(kLongestOutput);
  co_return body;
}

CheckStatus status_for(int status) {
  if (status >= 200 && status < 300) return CheckStatus::passing;
  return status == 429 ? CheckStatus::warning : CheckStatus::critical;
}

}  // namespace

async::Awaitable<Probe> probe_http(async::Executor executor, consul::CheckDefinition check) {
  const base::TimePoint end = async::now() + check_timeout(check);
  Probe probe;
  std::string url = check.http;
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    const auto where = parse_check_url(url);
    if (!where) {
      probe.output = where.error().text;
      co_return probe;
    }
    net::TlsSettings tls;
    tls.verify = !check.tls_skip_verify;
    tls.server_name = check.tls_server_name;
    net::HttpClient client(executor, where->endpoint, tls);
    net::Request request = request_for(check, where->target);
    const net::PhaseTimeouts limits = limits_of(std::max(end - async::now(), base::Duration(1)));
    auto stream = co_await client.open(std::move(request), limits);
    if (!stream) {
      probe.output = "Get \"" + check.http + "\": " + stream.error().text;
      co_return probe;
    }
    const net::Response head = (*stream)->head();
    const auto location = head.headers.get("Location");
    if (head.status >= 300 && head.status < 400 && location && hop < kMostRedirects) {
      url = redirect_target(url, *location);
      continue;
    }
    const std::string body = co_await read_body(**stream, end);
    const std::string reason = head.reason.empty() ? std::string(net::standard_reason(head.status)) : head.reason;
    probe.status = status_for(head.status);
    probe.output = "HTTP " + (check.method.empty() ? std::string("GET") : check.method) + " " + check.http + ": " +
                   std::to_string(head.status) + " " + reason + " Output: " + body;
    co_return probe;
  }
  probe.output = "Get \"" + check.http + "\": stopped after 10 redirects";
  co_return probe;
}

}  // namespace longshore::registry
