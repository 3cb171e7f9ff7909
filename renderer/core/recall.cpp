#include "renderer/core/recall.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/tmpl/data/data.h"
#include "common/tmpl/sprig/sprig.h"
#include "renderer/core/query.h"
#include "renderer/core/recall_layers.h"
#include "renderer/core/records.h"

namespace longshore::render {
namespace {

using tmpl::Args;
using tmpl::Call;
using tmpl::Value;

std::string joined(Args args, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i != 0) out += separator;
    out += args[i].as_string();
  }
  return out;
}

bool has_tag(const Instance& instance, std::string_view tag) {
  return tag.empty() || std::ranges::any_of(instance.entry.service.tags, [&](const std::string& own) {
           return base::equal_ignore_case_ascii(own, tag);
         });
}

template <Dependency::Kind Kind>
Result<Value> service(Call& call, Args args) {
  if (args.empty() || args[0].as_string().empty()) return no_selection();
  LS_TRY(query, parse_service(joined(args, "|")));
  query.on.kind = Kind;
  auto& host = call.host_as<RecallHost>();
  query.on.checks = host.with_checks();
  const auto data = host.ask<ServiceData>(query.on);
  if (!data) return no_selection();
  LS_TRY_STATUS(call.charge(data->instances.size()));
  Selection chosen{data, {}};
  chosen.instances.reserve(data->instances.size());
  for (const InstancePtr& instance : data->instances)
    if (query.filter.accepts(instance->health) && has_tag(*instance, query.tag))
      chosen.instances.push_back(instance.get());
  return view_of_selection(std::make_shared<const Selection>(std::move(chosen)));
}

Result<Value> services(Call& call, Args args) {
  LS_TRY(on, parse_services(joined(args, "")));
  auto& host = call.host_as<RecallHost>();
  const auto data = host.ask<CatalogData>(on);
  if (!data) return no_catalog();
  if (host.sites().env.empty()) return view_of_catalog(data);
  // Consul's list does not say whose a service is; its instances do.
  LS_TRY_STATUS(call.charge(data->services.size()));
  auto own = std::make_shared<CatalogData>();
  Dependency of = on;
  of.kind = Dependency::Kind::service;
  of.checks = host.with_checks();
  for (const CatalogEntry& one : data->services) {
    of.name = one.name;
    const auto instances = host.ask<ServiceData>(of);
    if (instances && !instances->instances.empty()) own->services.push_back(one);
  }
  return view_of_catalog(own);
}

Result<Value> nodes(Call& call, Args args) {
  LS_TRY(on, parse_nodes(joined(args, "")));
  const auto data = call.host_as<RecallHost>().ask<NodesData>(on);
  return data ? view_of_nodes(data) : no_nodes();
}

Result<Value> node(Call& call, Args args) {
  LS_TRY(on, parse_node(joined(args, "")));
  const auto data = call.host_as<RecallHost>().ask<NodeData>(on);
  // An untyped nil, as the original: `(node "x").Node.Address` prints <no value> instead of failing.
  return data ? view_of_node(data) : Value::nil();
}

Result<Value> key(Call& call, Args args) {
  if (args[0].as_string().empty()) return Value::string("");
  LS_TRY(on, parse_key(args[0].as_string()));
  auto& host = call.host_as<RecallHost>();
  const auto data = host.ask<KeyData>(on);
  if (!data) return Value::string("");
  if (!data->last) {
    host.wait_for(on);
    return Value::string("");
  }
  return Value::string_view(data->last->value, data);
}

Result<Value> key_exists(Call& call, Args args) {
  if (args[0].as_string().empty()) return Value::boolean(false);
  LS_TRY(on, parse_key(args[0].as_string()));
  const auto data = call.host_as<RecallHost>().ask<KeyData>(on);
  return Value::boolean(data && data->current);
}

Result<Value> key_or_default(Call& call, Args args) {
  if (args[0].as_string().empty()) return args[1];
  LS_TRY(on, parse_key(args[0].as_string()));
  const auto data = call.host_as<RecallHost>().ask<KeyData>(on);
  if (!data || !data->current || data->current->value.empty()) return args[1];
  return Value::string_view(data->current->value, data);
}

// The part below the prefix is one level, and not empty.
bool is_entry(const KeyPair& pair) {
  return pair.key_from < pair.pair.key.size() && pair.pair.key.find('/', pair.key_from) == std::string::npos;
}
// Its last part is not empty: not a folder.
bool is_leaf(const KeyPair& pair) {
  return pair.key_from < pair.pair.key.size() && !pair.pair.key.ends_with('/');
}

Result<Value> pairs(Call& call, Args args, bool (*wanted)(const KeyPair&), bool empty_is_data) {
  if (args[0].as_string().empty()) return no_pairs();
  LS_TRY(on, parse_prefix(args[0].as_string()));
  auto& host = call.host_as<RecallHost>();
  const auto data = host.ask<TreeData>(on);
  if (!data) return no_pairs();
  LS_TRY_STATUS(call.charge(data->pairs.size()));
  PairSelection chosen{data, {}};
  for (const KeyPair& pair : data->pairs)
    if (wanted(pair)) chosen.pairs.push_back(&pair);
  if (chosen.pairs.empty() && !empty_is_data) host.wait_for(on);
  return view_of_pairs(std::make_shared<const PairSelection>(std::move(chosen)));
}
Result<Value> ls(Call& call, Args args) {
  return pairs(call, args, is_entry, true);
}
Result<Value> safe_ls(Call& call, Args args) {
  return pairs(call, args, is_entry, false);
}
Result<Value> tree(Call& call, Args args) {
  return pairs(call, args, is_leaf, true);
}
Result<Value> safe_tree(Call& call, Args args) {
  return pairs(call, args, is_leaf, false);
}

Result<Value> datacenters(Call& call, Args args) {
  if (args.size() > 1)
    return fail(Errc::template_error,
                "datacenters: wrong number of arguments, expected 0 or 1, but got " + std::to_string(args.size()));
  Dependency on;
  on.kind = Dependency::Kind::datacenters;
  if (!args.empty() && args[0].as_bool()) on.name = "up";
  const auto data = call.host_as<RecallHost>().ask<DatacentersData>(on);
  return data ? view_of_datacenters(data) : Value::strings({});
}

// Whoever calls them cannot be served; a template that only could is rendered.
Result<Value> read_vault(Call&, Args) {
  return fail(Errc::template_error, "it reads Vault, which is not supported");
}
Result<Value> read_nomad(Call&, Args) {
  return fail(Errc::template_error, "it reads Nomad, which is not supported");
}

}  // namespace

std::unique_ptr<const tmpl::HostReads> RecallHost::recorded() {
  if (!reads_ || reads_->spoilt) reads_.reset();
  return std::move(reads_);
}

// Data is never changed in place: the same object is the same data.
bool RecallHost::replay(const tmpl::HostReads& reads) {
  const auto& asked = static_cast<const Reads&>(reads).asked;
  for (const auto& [on, data] : asked) {
    const Known* known = known_.find(on);
    if (known == nullptr || known->data != data) return false;
  }
  for (const auto& [on, data] : asked) used_.insert(used_.end(), on);
  return true;
}

std::optional<std::string> RecallHost::env(std::string_view name) {
  spoil();
  const auto found = environment_.find(name);
  if (found == environment_.end()) return std::nullopt;
  return found->second;
}

const SiteRules& RecallHost::sites() const {
  static const SiteRules kNone;
  return sites_ == nullptr ? kNone : *sites_;
}

bool may_see_checks(std::string_view template_text) {
  constexpr std::string_view kWords[] = {"Checks", "JSON", "Json", "YAML",      "Yaml",
                                         "TOML",   "Toml", "spew", "deepEqual", "deepCopy"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return template_text.contains(word); });
}

tmpl::FunctionTable data_functions() {
  using tmpl::types::kString;
  tmpl::FunctionTable table;
  table.add("service", {&kString}, service<Dependency::Kind::service>, true);
  table.add("connect", {&kString}, service<Dependency::Kind::connect>, true);
  table.add("services", {&kString}, services, true);
  table.add("nodes", {&kString}, nodes, true);
  table.add("node", {&kString}, node, true);
  table.add("key", {&kString}, key);
  table.add("keyExists", {&kString}, key_exists);
  table.add("keyOrDefault", {&kString, &kString}, key_or_default);
  table.add("ls", {&kString}, ls);
  table.add("safeLs", {&kString}, safe_ls);
  table.add("tree", {&kString}, tree);
  table.add("safeTree", {&kString}, safe_tree);
  table.add("datacenters", {&tmpl::types::kBool}, datacenters, true);
  for (const char* name : {"secret", "secrets", "pkiCert"}) table.add(name, {&tmpl::types::kAny}, read_vault, true);
  for (const char* name :
       {"nomadServices", "nomadService", "nomadVarList", "nomadVarListSafe", "nomadVar", "nomadVarExists"})
    table.add(name, {&tmpl::types::kAny}, read_nomad, true);
  add_mesh_functions(table);
  add_local_functions(table);
  add_site_functions(table);
  add_color_functions(table);
  return table;
}

tmpl::Functions all_functions() {
  tmpl::FunctionTable table = tmpl::builtin_functions();
  table.merge(tmpl::helper_functions());
  table.merge(tmpl::sprig_functions());
  table.merge(tmpl::merge_map_functions());
  table.merge(tmpl::data_functions());
  table.merge(data_functions());
  table.mark({"and",
              "or",
              "not",
              "len",
              "index",
              "slice",
              "print",
              "printf",
              "println",
              "html",
              "js",
              "urlquery",
              "eq",
              "ne",
              "lt",
              "le",
              "gt",
              "ge",
              "in",
              "contains",
              "containsAll",
              "containsAny",
              "containsNone",
              "containsNotAll",
              "nginxQuote",
              "nginxName",
              "add",
              "subtract",
              "multiply",
              "divide",
              "modulo",
              "minimum",
              "maximum",
              "parseBool",
              "parseFloat",
              "parseInt",
              "parseUint",
              "regexMatch",
              "regexReplaceAll",
              "toLower",
              "toUpper",
              "toTitle",
              "trim",
              "trimPrefix",
              "trimSuffix",
              "trimSpace",
              "replaceAll",
              "indent",
              "split",
              "splitToMap",
              "join",
              "byKey",
              "byTag",
              "byPort",
              "byMeta",
              "explode",
              "parseJSON",
              "toJSON",
              "toJSONPretty",
              "toUnescapedJSON",
              "toUnescapedJSONPretty",
              "base64Encode",
              "base64Decode",
              "sha256Hex",
              "md5sum"},
             tmpl::Repeat::yes);
  table.mark({"service", "connect", "services", "nodes", "node", "key", "keyExists", "keyOrDefault", "ls", "safeLs",
              "tree", "safeTree", "datacenters", "nginxVersion", "nginxHas", "nginxModule"},
             tmpl::Repeat::reads);
  return std::make_shared<const tmpl::FunctionTable>(std::move(table));
}

}  // namespace longshore::render
