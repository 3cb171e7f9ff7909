// /v1/event.
#include <re2/re2.h>

#include "common/consul/codec.h"
#include "common/registry/exchange.h"

namespace longshore::registry {
namespace {

using json::Value;

Value event_json(const Event& event) {
  Value out = Value::object();
  out["ID"] = event.id;
  out["Name"] = event.name;
  out["Payload"] = event.payload ? Value(consul::encode_base64(*event.payload)) : Value();
  out["NodeFilter"] = event.node_filter;
  out["ServiceFilter"] = event.service_filter;
  out["TagFilter"] = event.tag_filter;
  out["Version"] = 1;
  out["LTime"] = event.time;
  return out;
}

// Regular expressions of the requester: compiled for one request.
class Pattern {
 public:
  explicit Pattern(const std::string& text) : any_(text.empty()), pattern_(text, quiet()) {}
  bool any() const { return any_; }
  bool good() const { return pattern_.ok(); }
  const std::string& problem() const { return pattern_.error(); }
  bool matches(const std::string& text) const { return any_ || re2::RE2::PartialMatch(text, pattern_); }

 private:
  static re2::RE2::Options quiet() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    return options;
  }

  bool any_;
  re2::RE2 pattern_;
};

struct Patterns {
  explicit Patterns(const Event& event)
      : node(event.node_filter), service(event.service_filter), tag(event.tag_filter) {}

  Pattern node;
  Pattern service;
  Pattern tag;
};

bool has_service(const Store& store, const Patterns& patterns) {
  for (const auto& [id, record] : store.catalog().services()) {
    if (id.first != store.identity().node || !patterns.service.matches(record.value.name)) continue;
    if (patterns.tag.any()) return true;
    for (const std::string& tag : record.value.tags)
      if (patterns.tag.matches(tag)) return true;
  }
  return false;
}

}  // namespace

Outcome event_fire(Exchange& x) {
  if (auto bad = x.bad_options(false)) return *bad;
  if (x.rest.empty()) return x.error(400, "Missing name");
  Event event;
  event.name = x.rest;
  event.node_filter = x.param("node");
  event.service_filter = x.param("service");
  event.tag_filter = x.param("tag");
  if (!x.request().body.empty()) event.payload = x.request().body;
  if (!event.tag_filter.empty() && event.service_filter.empty())
    return x.error(500, "Cannot provide tag filter without service filter");
  const Patterns patterns(event);
  for (const auto& [kind, pattern] :
       {std::pair("node", &patterns.node), std::pair("service", &patterns.service), std::pair("tag", &patterns.tag)})
    if (!pattern->good())
      return x.error(500, "Invalid " + std::string(kind) + " filter: error parsing regexp: " + pattern->problem());
  const bool listed =
      patterns.node.matches(x.store.identity().node) && (patterns.service.any() || has_service(x.store, patterns));
  // As Consul, which answers before the event has its time.
  event.id = x.store.fire_event(event, listed);
  return x.plain_json(event_json(event));
}

// Events come from the gossip layer, so their answer knows no leader.
Outcome event_list(Exchange& x) {
  if (auto bad = x.bad_options()) return *bad;
  const std::string name = x.param("name");
  Value out = Value::array();
  std::uint64_t index = 1;
  for (const Event& event : x.store.events()) {
    if (!name.empty() && event.name != name) continue;
    out.push_back(event_json(event));
    index = event.index;
  }
  if (auto wait = x.park(index, {{Topic::Kind::events, ""}})) return *std::move(wait);
  net::Response response = x.plain_json(out);
  response.headers.set("X-Consul-Index", std::to_string(index));
  return response;
}

}  // namespace longshore::registry
