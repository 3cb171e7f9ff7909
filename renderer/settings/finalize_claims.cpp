#include "renderer/settings/finalize_claims.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::render::settings {
namespace {

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// A name, or "*." with one.
bool is_host(std::string_view host) {
  constexpr std::size_t kLongest = 253;
  if (host.size() > kLongest) return false;
  if (host.starts_with("*.")) host.remove_prefix(2);
  return std::ranges::all_of(base::split(host, '.'), is_label);
}

}  // namespace

Result<SiteRules> finalize_claims(const Settings& settings, const std::string& kv_prefix) {
  SiteRules out;
  out.claims_prefix = kv_prefix + "claims/";
  if (const std::string env = settings.env.value_or(""); !env.empty()) {
    out.colors_prefix += env + "/";
    out.env = env;
  }
  for (const auto& [name, service] : settings.claims.entries) {
    std::string host = base::to_lower_ascii(name);
    if (!is_host(host)) return fail(Errc::invalid_input, "claims: no host name: " + base::log_value(name));
    if (base::trim(service).empty()) return fail(Errc::invalid_input, "claims: " + host + ": no service");
    out.claims.insert_or_assign(std::move(host), std::string(base::trim(service)));
  }
  return out;
}

}  // namespace longshore::render::settings
