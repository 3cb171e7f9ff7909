// claims {} and env as what templates are told of sites.
#pragma once
#include "common/base/result.h"
#include "renderer/core/recall.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// invalid_input names what is no host name, or has no service. `kv_prefix`: "longshore/" or "longshore/E/".
Result<SiteRules> finalize_claims(const Settings& settings, const std::string& kv_prefix);

}  // namespace longshore::render::settings
