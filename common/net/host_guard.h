// Who a request on a loopback address may claim to be for: a web page of a foreign name that resolves to 127.0.0.1
// (DNS rebinding) must not read or write here. Pure.
#pragma once
#include <string_view>

#include "common/net/http_types.h"

namespace longshore::net {

// "localhost", "*.localhost", 127.0.0.0/8 or ::1, without brackets and port.
bool is_loopback_host(std::string_view host);

// `header` is a Host header, with or without port; a missing one (HTTP/1.0) is local. `listened` is the host that the
// server listens on, and is always right.
bool host_is_local(std::string_view header, std::string_view listened = {});

// A browser sends Origin with every write to another site; it is ours when its host and port are the Host header's,
// or when there is no Origin at all.
bool same_origin(const Request& request);

}  // namespace longshore::net
