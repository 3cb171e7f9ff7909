// What the status pages answer: /healthz /readyz /metrics /v1/status and an index. No sockets.
#pragma once
#include <string>

#include "common/net/http_types.h"
#include "common/status/source.h"

namespace longshore::status {

struct StatusContext {
  std::string component;    // "agent"
  bool on_loopback = true;  // listening on a loopback address: a foreign Host header is refused (DNS rebinding)
  std::string host;         // the name or address listened on
};

// GET and HEAD only. Errors are {"error":"…"}. Asks `source` for what the path needs and nothing else.
net::Response answer_status(const net::Request& request, const StatusContext& context, const Source& source);

}  // namespace longshore::status
