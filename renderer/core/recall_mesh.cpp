// caRoots caLeaf partitions peerings exportedServices importedServices. Consul's free edition has no partitions; its
// answer to the rest depends on what is switched on.
#include "renderer/core/query.h"
#include "renderer/core/recall.h"
#include "renderer/core/recall_layers.h"

namespace longshore::render {
namespace {

using tmpl::Args;
using tmpl::Call;
using tmpl::Value;
using Kind = Dependency::Kind;

Value known(Call& call, const Dependency& on) {
  const auto data = call.host_as<RecallHost>().ask<JsonData>(on);
  return data ? data->value : no_consul_json(on.kind);
}

Result<Value> ca_roots(Call& call, Args) {
  return known(call, {.kind = Kind::ca_roots});
}

Result<Value> ca_leaf(Call& call, Args args) {
  if (args.empty() || args[0].size() == 0) return Value::nil();
  return known(call, {.kind = Kind::ca_leaf, .name = std::string(args[0].as_string())});
}

Result<Value> partitions(Call& call, Args) {
  return known(call, {.kind = Kind::partitions});
}

Result<Value> peerings(Call& call, Args args) {
  std::string text;
  for (const Value& argument : args) text += argument.as_string();
  LS_TRY(on, parse_peerings(text));
  return known(call, on);
}

Result<Value> exported_services(Call& call, Args args) {
  if (args.size() > 1)
    return fail(Errc::template_error, "exportedServices: wrong number of arguments, expected 0 or 1");
  Dependency on{.kind = Kind::exported_services};
  if (!args.empty()) on.partition = args[0].as_string();
  return known(call, on);
}

Result<Value> imported_services(Call& call, Args args) {
  if (args[0].size() == 0) return fail(Errc::template_error, "importedServices: partition name is required");
  return known(call, {.kind = Kind::imported_services, .partition = std::string(args[0].as_string())});
}

}  // namespace

void add_mesh_functions(tmpl::FunctionTable& table) {
  using tmpl::types::kString;
  table.add("caRoots", {&kString}, ca_roots, true);
  table.add("caLeaf", {&kString}, ca_leaf, true);
  table.add("partitions", {}, partitions);
  table.add("peerings", {&kString}, peerings, true);
  table.add("exportedServices", {&kString}, exported_services, true);
  table.add("importedServices", {&kString}, imported_services);
}

}  // namespace longshore::render
