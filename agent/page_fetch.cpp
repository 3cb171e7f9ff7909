#include "agent/page_fetch.h"

#include "common/base/text.h"
#include "common/net/http_client.h"

namespace longshore::agent {
namespace {

constexpr int kMostRedirects = 10;  // as Go
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

async::Awaitable<Result<net::Response>> get(async::Executor executor, PageAddress address) {
  const std::uint16_t port = address.origin.starts_with("https:") ? 443 : 80;
  auto endpoint = net::parse_url(address.origin, port);
  if (!endpoint) co_return fail(endpoint.error());
  net::ClientOptions pool;
  pool.max_idle = 0;
  pool.body_limit = kMostBytes;
  net::HttpClient client(std::move(executor), *endpoint, net::TlsSettings(), pool);
  net::PhaseTimeouts limits;
  limits.first_byte = limits.body_idle = std::chrono::seconds(10);
  net::Request request;
  request.target = address.target;
  auto response = co_await client.round_trip(std::move(request), limits);
  co_return response;
}

}  // namespace

Result<PageAddress> parse_page_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || (url.substr(0, scheme) != "http" && url.substr(0, scheme) != "https"))
    return fail(Errc::invalid_input, "not an http or https URL: " + base::log_value(url));
  url = url.substr(0, url.find('#'));
  const std::size_t host_end = std::min(url.find_first_of("/?", scheme + 3), url.size());
  if (host_end == scheme + 3) return fail(Errc::invalid_input, "no host in " + base::log_value(url));
  PageAddress out{std::string(url.substr(0, host_end)), std::string(url.substr(host_end))};
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  for (const unsigned char c : out.target)
    if (c <= ' ' || c == 0x7F) return fail(Errc::invalid_input, "control characters in " + base::log_value(url));
  return out;
}

Result<PageAddress> follow(const PageAddress& from, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return parse_page_url(location);
  if (location.starts_with("//")) {
    const std::string scheme = from.origin.substr(0, from.origin.find(':') + 1);
    return parse_page_url(scheme + std::string(location));
  }
  if (location.starts_with('/')) return parse_page_url(from.origin + std::string(location));
  const std::string path = from.target.substr(0, from.target.find('?'));
  return parse_page_url(from.origin + path.substr(0, path.rfind('/') + 1) + std::string(location));
}

async::Awaitable<Result<std::string>> fetch_page(async::Executor executor, std::string url) {
  Result<PageAddress> address = parse_page_url(url);
  for (int left = kMostRedirects; left >= 0; --left) {
    if (!address) co_return fail(address.error());
    auto response = co_await get(executor, *address);
    if (!response) co_return fail(response.error());
    const auto location = response->headers.get("Location");
    if (!is_redirect(response->status) || !location) co_return std::move(response->body);
    address = follow(*address, *location);
  }
  co_return fail(Errc::limit, "more than 10 redirects");
}

}  // namespace longshore::agent
