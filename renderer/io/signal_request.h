// Wide signals and probes as requests, and what their answers say. Without I/O.
#pragma once
#include <string>
#include <vector>

#include "common/consul/model.h"
#include "common/net/http_types.h"
#include "renderer/watch/ask.h"

namespace longshore::render {

struct SignalRequest {
  std::string path = {};
  std::vector<net::QueryItem> query = {};
  std::string filter = {};
};

SignalRequest signal_request(const Ask& ask);
// Answers with the index of a dependency and as little else as Consul can be made to.
SignalRequest probe_request(const Dependency& on);
consul::QueryOptions options_with(consul::QueryOptions options, const SignalRequest& request);
// Of all but prints. known: what is known of the node whose services these are.
Result<Marks> decode_signal(Ask::Kind kind, std::string_view text, const std::vector<consul::ServiceMark>& known);

}  // namespace longshore::render
