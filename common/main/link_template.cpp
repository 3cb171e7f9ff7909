#include "common/main/link_template.h"

#include "common/tmpl/eval.h"
#include "common/tmpl/function_table.h"
#include "common/tmpl/type.h"
#include "common/tmpl/value.h"

namespace longshore::app {
namespace {

using tmpl::MapEntry;
using tmpl::Value;

// A link says nothing of the machine that shows it.
class NoHost final : public tmpl::Host {
 public:
  std::optional<std::string> env(std::string_view) override { return std::nullopt; }
  std::chrono::system_clock::time_point now() override { return {}; }
};

Value string_map(const std::map<std::string, std::string>& strings) {
  std::vector<MapEntry> entries;
  for (const auto& [key, value] : strings) entries.push_back({Value::string(key), Value::string(value)});
  return Value::map(tmpl::types::kMapOfString, std::move(entries));
}

}  // namespace

Result<LinkTemplate> LinkTemplate::parse(std::string text) {
  tmpl::FunctionTable table = tmpl::builtin_functions();
  table.merge(tmpl::helper_functions());
  auto set = tmpl::parse("link", std::move(text), std::make_shared<const tmpl::FunctionTable>(std::move(table)));
  if (!set) return fail(Errc::invalid_input, tmpl::to_error(set.error()).text);
  return LinkTemplate(std::move(*set));
}

std::string LinkTemplate::operator()(const consul::ServiceEntry& entry) const {
  const consul::Service& service = entry.service;
  const auto meta = [&](const char* key) {
    const auto found = service.meta.find(key);
    return found == service.meta.end() ? std::string() : found->second;
  };
  const std::map<std::string, std::string> texts = {
      {"Service", service.name},
      {"ID", service.id},
      {"Node", entry.node.node},
      {"Address", service.address.empty() ? entry.node.address : service.address},
      {"Port", std::to_string(service.port)},
      {"Container", meta("longshore-container")},
      {"Image", meta("longshore-image")},
      {"Revision", meta("longshore-revision")}};
  std::vector<MapEntry> fields;
  for (const auto& [key, value] : texts) fields.push_back({Value::string(key), Value::string(value)});
  fields.push_back({Value::string("Meta"), string_map(service.meta)});
  NoHost host;
  const Value root = Value::map(tmpl::types::kMapOfAny, std::move(fields));
  tmpl::Evaluation run = tmpl::evaluate(*set_, set_->name(), root, host);
  return run.ok() ? std::move(run.text) : std::string();
}

}  // namespace longshore::app
