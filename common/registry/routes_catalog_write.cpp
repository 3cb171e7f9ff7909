// /v1/catalog/register and deregister: nodes that have no agent of their own.
#include "common/consul/codec_values.h"
#include "common/consul/loose_fields.h"
#include "common/registry/exchange.h"
#include "common/registry/registration_rules.h"

namespace longshore::registry {
namespace {

using consul::LooseFields;
using json::Value;

Result<consul::HealthCheck> check_from(const Value& value) {
  if (!value.is_object()) return fail(Errc::protocol, "Check: expected an object");
  const LooseFields fields(value, "Check");
  consul::HealthCheck out;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"CheckID", &out.check_id}, {"Name", &out.name}, {"Status", &out.status},       {"Notes", &out.notes},
      {"Output", &out.output},    {"Type", &out.type}, {"ServiceID", &out.service_id}};
  for (const auto& [key, target] : texts) {
    LS_TRY(text, fields.text(key));
    *target = std::move(text);
  }
  if (out.check_id.empty()) out.check_id = out.name;
  if (out.status.empty()) out.status = "critical";
  return out;
}

// A catalog service is a registration whose name is called Service.
Result<consul::Service> service_from(Value value) {
  const LooseFields fields(value, "Service");
  LS_TRY(name, fields.text("Service"));
  Value renamed = std::move(value);
  renamed["Name"] = name;
  LS_TRY(registration, consul::registration_from(renamed));
  consul::Service service = service_of(registration);
  // The addresses that an agent would add.
  service.tagged_addresses = registration.tagged_addresses;
  return service;
}

Result<CatalogRegistration> registration_of(const std::string& body) {
  LS_TRY(document, json::parse(body, "registration"));
  if (!document.is_object()) return fail(Errc::protocol, "expected an object");
  const LooseFields fields(document, "");
  CatalogRegistration out;
  LS_TRY(node, fields.text("Node"));
  LS_TRY(id, fields.text("ID"));
  LS_TRY(address, fields.text("Address"));
  LS_TRY(meta, fields.text_map("NodeMeta"));
  LS_TRY(tagged, fields.text_map("TaggedAddresses"));
  LS_TRY(skip, fields.boolean("SkipNodeUpdate"));
  LS_TRY(service, fields.object("Service"));
  LS_TRY(check, fields.object("Check"));
  LS_TRY(checks, fields.array("Checks"));
  out.node.node = std::move(node);
  out.node.id = std::move(id);
  out.node.address = std::move(address);
  out.node.meta = std::move(meta);
  out.node.tagged_addresses = std::move(tagged);
  out.skip_node_update = skip;
  if (service != nullptr) {
    LS_TRY(decoded, service_from(*service));
    out.service = std::move(decoded);
  }
  std::vector<const Value*> all;
  if (check != nullptr) all.push_back(check);
  for (std::size_t i = 0; checks != nullptr && i < checks->size(); ++i) all.push_back(&(*checks)[i]);
  for (const Value* one : all) {
    LS_TRY(decoded, check_from(*one));
    out.checks.push_back(std::move(decoded));
  }
  return out;
}

}  // namespace

Outcome catalog_register(Exchange& x) {
  auto registration = registration_of(x.request().body);
  if (!registration) return x.error(400, "Request decode failed: " + registration.error().text);
  if (registration->node.node.empty()) return x.error(500, "Must provide node");
  if (registration->node.address.empty() && !registration->skip_node_update)
    return x.error(500, "Must provide address if SkipNodeUpdate is not set");
  if (registration->service && registration->service->name.empty())
    return x.error(500, "Must provide service name with ID");
  registration->node.datacenter = x.store.identity().datacenter;
  if (const Status done = x.store.catalog_register(*registration); !done)
    return x.error(status_of(done.error()), done.error().text);
  return x.plain_json(true);
}

Outcome catalog_deregister(Exchange& x) {
  const auto document = json::parse(x.request().body, "deregistration");
  if (!document) return x.error(400, "Request decode failed: " + document.error().text);
  if (!document->is_object()) return x.error(400, "Request decode failed: expected an object");
  const LooseFields fields(*document, "");
  const auto node = fields.text("Node");
  const auto service = fields.text("ServiceID");
  const auto check = fields.text("CheckID");
  for (const auto* text : {&node, &service, &check})
    if (!*text) return x.error(400, "Request decode failed: " + text->error().text);
  if (node->empty()) return x.error(500, "Must provide node");
  x.store.catalog_deregister(*node, *service, *check);
  return x.plain_json(true);
}

}  // namespace longshore::registry
