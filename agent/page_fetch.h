// httpGet of tag templates: one GET, as Go's default client does it.
#pragma once
#include <string>

#include "common/async/executor.h"
#include "common/base/result.h"

namespace longshore::agent {

// The body of the answer, whatever its status; redirects are followed. http and https (system's certificates); 1 MiB
// and 10 s per phase at most.
async::Awaitable<Result<std::string>> fetch_page(async::Executor executor, std::string url);

// What a URL asks for: the part from the scheme to the host, and the request target.
struct PageAddress {
  std::string origin;  // "https://h:8443"
  std::string target;  // "/path?query"
  bool operator==(const PageAddress&) const = default;
};
// invalid_input: another scheme, or no host.
Result<PageAddress> parse_page_url(std::string_view url);
// Where a Location header leads, absolute or within the origin.
Result<PageAddress> follow(const PageAddress& from, std::string_view location);

}  // namespace longshore::agent
