// /v1/agent: services, checks, maintenance.
#include "common/consul/codec.h"
#include "common/consul/loose_fields.h"
#include "common/registry/content_hash.h"
#include "common/registry/exchange.h"
#include "common/registry/selection.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Value;

Outcome finished(Exchange& x, const Status& done) {
  if (!done) return x.error(status_of(done.error()), done.error().text);
  return x.empty_ok();
}

// Consul's prefix for everything that is wrong with a body.
net::Response undecodable(const Exchange& x, const Error& error) {
  return x.error(400, "Request decode failed: " + error.text);
}

// Answers when `enable` is missing or wrong.
std::optional<net::Response> bad_enable(const Exchange& x, bool& enable) {
  const std::string text = x.param("enable");
  if (text.empty()) return x.error(400, "Missing value for enable");
  const auto parsed = parse_bool(text);
  if (!parsed) return x.error(400, "Invalid value for enable: \"" + text + "\"");
  enable = *parsed;
  return std::nullopt;
}

Outcome set_ttl(Exchange& x, CheckStatus status) {
  return finished(x, x.store.update_ttl(x.rest, status, x.param("note"), x.now));
}

}  // namespace

Outcome agent_services(Exchange& x) {
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::service);
  if (!filter) return x.error(500, filter_problem(filter.error()));
  const std::string& node = x.store.identity().node;
  Value out = Value::object();
  for (const auto& [id, record] : x.store.catalog().services()) {
    if (id.first != node) continue;
    Value service = agent_service_json(record.value);
    if (filter->matches(service)) out[id.second] = std::move(service);
  }
  return x.plain_json(out);
}

// Blocks on the content (?hash=), not on an index.
Outcome agent_service(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing service ID");
  if (auto bad = x.bad_options()) return *bad;
  const std::string& node = x.store.identity().node;
  const ServiceRecord* record = x.store.catalog().service({node, x.rest});
  if (record == nullptr) return x.error(404, "unknown service ID: " + x.rest);
  Value service = agent_service_json(record->value);
  const std::string hash = content_hash(json::dump(service));
  if (x.param("hash") == hash && x.wait_end() > x.now) return Wait{{{Topic::Kind::node_services, node}}, x.wait_end()};
  service["ContentHash"] = hash;
  net::Response response = x.plain_json(service);
  response.headers.set("X-Consul-ContentHash", hash);
  return response;
}

Outcome agent_checks(Exchange& x) {
  const auto filter = Filter::parse(x.param("filter"), FilterTarget::check);
  if (!filter) return x.error(500, filter.error().text);
  const std::string& node = x.store.identity().node;
  Value out = Value::object();
  for (const auto& [id, record] : x.store.catalog().checks()) {
    // The agent itself does not know the check that the gossip layer keeps of it.
    if (id.first != node || id.second == "serfHealth") continue;
    Value check = agent_check_json(record.value, x.store.check_output(record));
    if (filter->matches(check)) out[id.second] = std::move(check);
  }
  return x.plain_json(out);
}

Outcome agent_register_service(Exchange& x) {
  const auto registration = consul::decode_registration(x.request().body);
  if (!registration) return undecodable(x, registration.error());
  const bool replace = x.has("replace-existing-checks") && x.param("replace-existing-checks") != "false";
  return finished(x, x.store.register_service(*registration, replace, x.now));
}

Outcome agent_deregister_service(Exchange& x) {
  if (x.rest.empty()) return x.error(500, "ServiceID missing");
  x.store.deregister_service(x.rest);
  return x.empty_ok();
}

Outcome agent_service_maintenance(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing service ID");
  bool enable = false;
  if (auto bad = bad_enable(x, enable)) return *bad;
  return finished(x, x.store.service_maintenance(x.rest, enable, x.param("reason")));
}

Outcome agent_maintenance(Exchange& x) {
  bool enable = false;
  if (auto bad = bad_enable(x, enable)) return *bad;
  x.store.node_maintenance(enable, x.param("reason"));
  return x.empty_ok();
}

Outcome agent_register_check(Exchange& x) {
  const auto registration = consul::decode_check_registration(x.request().body);
  if (!registration) return undecodable(x, registration.error());
  return finished(x, x.store.register_check(*registration, x.now));
}

Outcome agent_deregister_check(Exchange& x) {
  if (x.rest.empty()) return x.error(500, "CheckID missing");
  x.store.deregister_check(x.rest);
  return x.empty_ok();
}

Outcome agent_check_pass(Exchange& x) {
  return set_ttl(x, CheckStatus::passing);
}

Outcome agent_check_warn(Exchange& x) {
  return set_ttl(x, CheckStatus::warning);
}

Outcome agent_check_fail(Exchange& x) {
  return set_ttl(x, CheckStatus::critical);
}

Outcome agent_check_update(Exchange& x) {
  const auto document = json::parse(x.request().body, "check");
  if (!document) return undecodable(x, document.error());
  if (!document->is_object()) return x.error(400, "Request decode failed: expected an object");
  const consul::LooseFields fields(*document, "");
  const auto status = fields.text("Status");
  const auto output = fields.text("Output");
  if (!status) return undecodable(x, status.error());
  if (!output) return undecodable(x, output.error());
  const auto parsed = parse_check_status(*status);
  if (!parsed) return x.error(400, "Invalid check status: '" + *status + "'");
  return finished(x, x.store.update_ttl(x.rest, *parsed, *output, x.now));
}

}  // namespace longshore::registry
