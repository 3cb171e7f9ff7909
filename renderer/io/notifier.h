// Tells a command or a URL what a `watch {}` saw.
#pragma once
#include <string>

#include "common/async/executor.h"
#include "common/net/endpoint.h"
#include "renderer/core/notice.h"
#include "renderer/io/process.h"

namespace longshore::render {

// {"version":1,"event":"low"|"enough","service":..,"instances":N,"below":N,"left":[{"node","id","address"}..],"gone":[..]}
std::string notice_json(const Notice& notice);
// LONGSHORE_WATCH_EVENT, _SERVICE, _INSTANCES, _BELOW, _GONE_NODES (each once, in order, with commas), _JSON.
std::map<std::string, std::string, std::less<>> notice_environment(const Notice& notice);

struct NoticeUrl {
  net::Endpoint endpoint;
  std::string target;  // path and query, as written
};
// Errc::invalid_input unless it is http:// or https:// with a host; default ports 80 and 443.
Result<NoticeUrl> parse_notice_url(std::string_view url);
// For logs: without the query, which may hold a token.
std::string to_log(std::string_view url);

// One POST of `body`; any status but 2xx is Errc::check_failed. The certificate is verified with the system's
// authorities.
async::Awaitable<Status> post_notice(NoticeSpec spec, std::string body);

}  // namespace longshore::render
