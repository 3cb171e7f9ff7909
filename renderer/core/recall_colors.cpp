// family members: services in colours, see colors.h.
#include <algorithm>

#include "common/base/text.h"
#include "common/tmpl/bind.h"
#include "renderer/core/colors.h"
#include "renderer/core/query.h"
#include "renderer/core/recall.h"
#include "renderer/core/recall_layers.h"

namespace longshore::tmpl {
namespace {

using render::Member;

template <const Type& (*Kind)(), Value (*Get)(const Member&, const Owner&)>
constexpr FieldOps computed(std::string_view name) {
  return {name, Kind,
          [](const void* object, const Owner& owner) { return Get(*static_cast<const Member*>(object), owner); }};
}

const Type& string_type() {
  return types::kString;
}
const Type& int_type() {
  return types::kInt;
}

}  // namespace

// The fields of a *dependency.HealthService that templates of load balancers use, and what its colour means.
template <>
struct GoType<Member> : RecordBinding<Member> {
  using M = Member;
  static constexpr std::string_view kName = "longshore.Member";

  static Value node(const M& m, const Owner& o) { return Value::string_view(m.instance->entry.node.node, o); }
  static Value id(const M& m, const Owner& o) { return Value::string_view(m.instance->entry.service.id, o); }
  static Value name(const M& m, const Owner& o) { return Value::string_view(m.instance->entry.service.name, o); }
  static Value tags(const M& m, const Owner& o) { return view_of(m.instance->entry.service.tags, o); }
  static Value meta(const M& m, const Owner& o) { return view_of(m.instance->entry.service.meta, o); }
  static Value address(const M& m, const Owner& o) {
    const render::InstanceEntry& entry = m.instance->entry;
    return Value::string_view(entry.service.address.empty() ? entry.node.address : entry.service.address, o);
  }
  static Value port(const M& m, const Owner&) { return Value::integer(m.instance->entry.service.port); }
  static Value status(const M& m, const Owner&) {
    return Value::string(std::string(render::to_string(m.instance->health)));
  }

  static constexpr FieldOps kFields[] = {
      computed<string_type, node>("Node"),
      computed<string_type, id>("ID"),
      computed<string_type, name>("Name"),
      computed<GoType<std::vector<std::string>>::type, tags>("Tags"),
      computed<GoType<consul::StringMap>::type, meta>("ServiceMeta"),
      computed<string_type, address>("Address"),
      computed<int_type, port>("Port"),
      computed<string_type, status>("Status"),
      field<&M::color>("Color"),
      field<&M::share>("Share"),
      field<&M::weight>("Weight"),
  };
};

}  // namespace longshore::tmpl

namespace longshore::render {
namespace {

using tmpl::Args;
using tmpl::Call;
using tmpl::Value;

// Of one evaluation.
struct KnownColors {
  std::shared_ptr<const TreeData> of;
  ColorTable table;
};

Result<const ColorTable*> colors(Call& call) {
  auto& host = call.host_as<RecallHost>();
  LS_TRY(on, parse_prefix(host.sites().colors_prefix));
  const auto records = host.ask<TreeData>(on);
  auto& known = call.local<KnownColors>();
  if (records && known.of != records) {
    LS_TRY_STATUS(call.charge(records->pairs.size()));
    known.of = records;
    known.table = ColorTable(*records);
  }
  return &known.table;
}

Result<Value> family(Call& call, Args args) {
  LS_TRY(table, colors(call));
  return Value::string(table->family(args[0].as_string()));
}

// "blue.web": a tag asked for by name.
std::shared_ptr<const ServiceData> with_tag(const ServiceData& all, std::string_view tag) {
  ServiceData out;
  const auto is_tag = [&](const std::string& own) { return base::equal_ignore_case_ascii(own, tag); };
  for (const InstancePtr& one : all.instances)
    if (std::ranges::any_of(one->entry.service.tags, is_tag)) out.instances.push_back(one);
  return std::make_shared<const ServiceData>(std::move(out));
}

// All instances, of whatever state, of a service and of its colours that have traffic.
Result<Value> members(Call& call, Args args) {
  const std::string service(args[0].as_string());
  auto& host = call.host_as<RecallHost>();
  LS_TRY(table, colors(call));
  const Colors* known = table->of(service);
  std::vector<std::string> names{service};
  if (known != nullptr) names.push_back(service + "-" + known->active);
  if (known != nullptr && known->share_of(known->canary) != 0 && known->canary != known->active)
    names.push_back(service + "-" + known->canary);
  std::vector<std::shared_ptr<const ServiceData>> lists;
  for (const std::string& name : names) {
    LS_TRY(query, parse_service(name + "|any"));
    query.on.checks = host.with_checks();
    auto data = host.ask<ServiceData>(query.on);
    if (!data) continue;
    LS_TRY_STATUS(call.charge(data->instances.size()));
    if (!query.tag.empty()) data = with_tag(*data, query.tag);
    lists.push_back(std::move(data));
  }
  auto all = std::make_shared<const std::vector<Member>>(members_of(lists, service, known));
  return tmpl::view_of(all);
}

}  // namespace

void add_color_functions(tmpl::FunctionTable& table) {
  using tmpl::types::kString;
  table.add("family", {&kString}, family);
  table.add("members", {&kString}, members);
}

}  // namespace longshore::render
