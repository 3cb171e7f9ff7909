#include "renderer/io/signal_request.h"

namespace longshore::render {
namespace {

// A list of one level, folders as one entry each: its index is that of everything below.
std::vector<net::QueryItem> keys_only() {
  return {{"keys", "", false}, {"separator", "/"}};
}

}  // namespace

SignalRequest signal_request(const Ask& ask) {
  using enum Ask::Kind;
  const std::string node = "/v1/catalog/node-services/" + net::percent_encode(ask.on.name);
  switch (ask.kind) {
    case nodes:
      return {"/v1/catalog/nodes"};
    case node_wake:
      return {node, {}, R"(ID=="none")"};
    case node_marks:
      return {node};
    case any_service:
      return {"/v1/catalog/services"};
    case critical:
      return {"/v1/health/state/critical"};
    case warning:
      return {"/v1/health/state/warning"};
    case any_check:
      return {"/v1/health/state/any", {}, R"(Node=="none")"};
    case prints:
      return {"/v1/internal/ui/nodes"};
    case keys:
      return {"/v1/kv/" + net::percent_encode(ask.on.name, true), keys_only()};
    case data:
    case probes:
      break;
  }
  return {};
}

// A tag that nobody has: five times cheaper for Consul than a filter that nothing passes.
SignalRequest probe_request(const Dependency& on) {
  if (on.kind == Dependency::Kind::key) return {"/v1/kv/" + net::percent_encode(on.name, true)};
  if (on.kind == Dependency::Kind::tree) return {"/v1/kv/" + net::percent_encode(on.name, true), keys_only()};
  return {"/v1/health/service/" + net::percent_encode(on.name), {{"tag", "longshore:index-probe"}}};
}

consul::QueryOptions options_with(consul::QueryOptions options, const SignalRequest& request) {
  options.filter = request.filter;
  return options;
}

Result<Marks> decode_signal(Ask::Kind kind, std::string_view text, const std::vector<consul::ServiceMark>& known) {
  switch (kind) {
    case Ask::Kind::nodes: {
      LS_TRY(names, consul::decode_node_names(text));
      return Marks(std::move(names));
    }
    case Ask::Kind::node_marks: {
      LS_TRY(marks, consul::decode_node_marks(text, known));
      return Marks(std::move(marks));
    }
    case Ask::Kind::critical:
    case Ask::Kind::warning: {
      LS_TRY(marks, consul::decode_check_marks(text));
      return Marks(std::move(marks));
    }
    default:
      return Result<Marks>(std::in_place);
  }
}

}  // namespace longshore::render
