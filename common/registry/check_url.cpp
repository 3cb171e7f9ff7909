#include "common/registry/check_url.h"

#include "common/base/text.h"

namespace longshore::registry {
namespace {

// Length of "scheme://authority".
std::size_t origin_length(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string_view::npos;
  return std::min(url.find_first_of("/?#", scheme + 3), url.size());
}

}  // namespace

Result<CheckUrl> parse_check_url(std::string_view url) {
  const std::size_t length = origin_length(url);
  const std::string scheme = base::to_lower_ascii(url.substr(0, url.find("://")));
  if (length == std::string_view::npos || (scheme != "http" && scheme != "https"))
    return fail(Errc::invalid_input, "\"" + std::string(url) + "\" is no http or https URL");
  CheckUrl out;
  auto endpoint = net::parse_url(url.substr(0, length), scheme == "https" ? 443 : 80);
  if (!endpoint) return fail(std::move(endpoint).error());
  out.endpoint = *std::move(endpoint);
  std::string_view rest = url.substr(length);
  rest = rest.substr(0, rest.find('#'));
  out.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return out;
}

std::string redirect_target(const std::string& url, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return std::string(location);
  const std::size_t length = origin_length(url);
  if (length == std::string_view::npos) return std::string(location);
  if (location.starts_with("//")) return url.substr(0, url.find("//")) + std::string(location);
  if (location.starts_with('/')) return url.substr(0, length) + std::string(location);
  const std::string path = url.substr(length, url.find_first_of("?#", length) - length);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "/" : path.substr(0, slash + 1);
  return url.substr(0, length) + folder + std::string(location);
}

}  // namespace longshore::registry
