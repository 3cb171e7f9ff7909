#include "renderer/settings/environment.h"

namespace longshore::render::settings {
namespace {

std::optional<std::string> first_of(const cli::Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = environment.find(name); found != environment.end() && !found->second.empty())
      return found->second;
  return std::nullopt;
}

}  // namespace

Settings from_environment(const cli::Environment& environment) {
  const auto text = [&](std::initializer_list<const char*> names) { return first_of(environment, names); };
  Settings out;
  out.log_level = text({"CT_LOG", "CONSUL_TEMPLATE_LOG", "CONSUL_TEMPLATE_LOG_LEVEL"});
  out.consul.address = text({"CONSUL_HTTP_ADDR"});
  out.consul.ns = text({"CONSUL_NAMESPACE"});
  if (auto token = text({"CONSUL_TOKEN", "CONSUL_HTTP_TOKEN"})) out.consul.token = Secret{std::move(*token)};
  out.consul.token_file = text({"CONSUL_TOKEN_FILE", "CONSUL_HTTP_TOKEN_FILE"});
  return out;
}

}  // namespace longshore::render::settings
