// Who may talk to the registry. Pure.
#pragma once
#include <optional>
#include <string>

#include "common/net/http_types.h"

namespace longshore::registry {

struct AccessRules {
  bool on_loopback = true;     // refuse foreign Host headers (DNS rebinding)
  std::string host;            // listened on
  std::string token;           // "" = none needed
  std::string own_token = {};  // as good as `token`; "" = none
};

// An answer when the request must not be served. /healthz and /readyz need no token.
std::optional<net::Response> refusal(const AccessRules& rules, const net::Request& request);

}  // namespace longshore::registry
