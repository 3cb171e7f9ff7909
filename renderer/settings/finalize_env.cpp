#include <fnmatch.h>

#include <algorithm>

#include "renderer/settings/finalize.h"

namespace longshore::render::settings {
namespace {

bool matches(const std::string& name, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; });
}

std::vector<std::string> both(const Texts& now, const Texts& old) {
  std::vector<std::string> out = now.list.value_or(std::vector<std::string>());
  if (old.list) out.insert(out.end(), old.list->begin(), old.list->end());
  return out;
}

}  // namespace

Environment consul_variables(const Consul& said, const consul::ClientSettings& used) {
  Environment out;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  };
  add("CONSUL_HTTP_ADDR", said.address.value_or(""));
  add("CONSUL_HTTP_AUTH", used.auth);
  if (said.token) add("CONSUL_HTTP_TOKEN", said.token->text);
  add("CONSUL_HTTP_TOKEN_FILE", said.token_file.value_or(""));
  add("CONSUL_HTTP_SSL", used.endpoint.tls ? "true" : "false");
  add("CONSUL_HTTP_SSL_VERIFY", used.tls.verify ? "true" : "false");
  return out;
}

Environment command_environment(const Env& rules, const Environment& ours, const Environment& consul) {
  Environment out;
  if (!rules.pristine.value_or(false)) {
    const std::vector<std::string> allowed = both(rules.allowlist, rules.whitelist);
    const std::vector<std::string> denied = both(rules.denylist, rules.blacklist);
    for (const auto& [name, value] : ours)
      if ((allowed.empty() || matches(name, allowed)) && !matches(name, denied)) out.emplace(name, value);
  }
  for (const auto& [name, value] : consul) out[name] = value;
  for (const std::string& variable : rules.custom.list.value_or(std::vector<std::string>())) {
    const std::size_t equals = variable.find('=');
    out[variable.substr(0, equals)] = equals == std::string::npos ? "" : variable.substr(equals + 1);
  }
  return out;
}

}  // namespace longshore::render::settings
