#include "common/net/host_guard.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/net/endpoint.h"

namespace longshore::net {
namespace {

bool is_ipv4_loopback(std::string_view host) {
  const std::vector<std::string> parts = base::split(host, '.');
  const auto is_octet = [](const std::string& part) {
    const auto number = base::parse_uint(part);
    return number && *number <= 255 && part.size() <= 3;
  };
  return parts.size() == 4 && parts[0] == "127" && std::all_of(parts.begin(), parts.end(), is_octet);
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  std::string name = base::to_lower_ascii(host);
  if (name.ends_with('.')) name.pop_back();
  return name == "localhost" || name.ends_with(".localhost") || name == "::1" || is_ipv4_loopback(name);
}

bool host_is_local(std::string_view header, std::string_view listened) {
  if (header.empty()) return true;
  const Result<Endpoint> parsed = parse_host_port(header, 80);
  if (!parsed) return false;
  if (!listened.empty() && base::equal_ignore_case_ascii(parsed->host, listened)) return true;
  return is_loopback_host(parsed->host);
}

bool same_origin(const Request& request) {
  const auto origin = request.headers.get("Origin");
  if (!origin) return true;
  const std::size_t scheme = origin->find("://");
  if (scheme == std::string_view::npos) return false;  // "null" and the like
  return base::equal_ignore_case_ascii(origin->substr(scheme + 3), request.headers.get("Host").value_or(""));
}

}  // namespace longshore::net
