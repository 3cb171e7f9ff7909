// URLs of HTTP checks. Pure.
#pragma once
#include <string>
#include <string_view>

#include "common/net/endpoint.h"

namespace longshore::registry {

struct CheckUrl {
  net::Endpoint endpoint;
  std::string target;  // path and query, "/" when there is none
};

// http and https only.
Result<CheckUrl> parse_check_url(std::string_view url);

// Where a Location header leads from `url`: absolute, "//host/…", "/path" or a path beside the present one.
std::string redirect_target(const std::string& url, std::string_view location);

}  // namespace longshore::registry
