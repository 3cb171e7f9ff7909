// guard {} as what the machine is told.
#pragma once
#include "renderer/core/guard_rule.h"
#include "renderer/core/template_spec.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// The blocks at the top, later ones over earlier ones; those of a service over those of all.
Result<GuardRules> finalize_guards(const Settings& settings);
// The block of a template, over that of its group.
Status guard_template(const Guard& own, const Guard* of_group, TemplateSpec& out);
// "50%" or "50"; 0 to 100.
Result<int> parse_shrink(std::string_view text);

}  // namespace longshore::render::settings
