// How Consul's reads are asked and its answers judged, without I/O. Private to common/consul.
#pragma once
#include <string>
#include <vector>

#include "common/consul/client.h"

namespace longshore::consul {

// The items that QueryOptions stand for, after the path's own.
std::vector<net::QueryItem> query_items(std::vector<net::QueryItem> own, const QueryOptions& options);

// X-Consul-Token, basic authentication.
void add_credentials(net::Request& request, const ClientSettings& settings);

AnswerMeta answer_meta(const net::Headers& headers);

// 404 not_found, other 4xx rejected, 429 and 5xx server_error, with Consul's own first line.
Error status_error(const std::string& what, const net::Response& response);

// `first_byte` long enough for the wait, its jitter of up to wait/16 and some slack. A wait of 0 with an index is
// Consul's default of 5 min.
net::PhaseTimeouts limits_for(net::PhaseTimeouts limits, const QueryOptions& options);

}  // namespace longshore::consul
