#include "renderer/settings/finalize_guards.h"

#include <charconv>

#include "renderer/core/query.h"

namespace longshore::render::settings {
namespace {

Status narrow(const Guard& from, GuardRule& out) {
  if (from.min_instances) {
    if (*from.min_instances < 0 || *from.min_instances > 1'000'000)
      return fail(Errc::invalid_input, "min_instances: a number of instances");
    out.min_instances = static_cast<std::size_t>(*from.min_instances);
  }
  if (from.max_shrink) {
    LS_TRY(percent, parse_shrink(*from.max_shrink));
    out.max_shrink = percent;
  }
  out.keep_on_empty = from.keep_on_empty.value_or(out.keep_on_empty);
  out.within = from.within.value_or(out.within);
  out.limit = from.limit.value_or(out.limit);
  return {};
}

bool requires_something(const Guard& guard) {
  return guard.require_services.list || guard.require_keys.list;
}

Status add_required(const Guard& from, Dependencies& out) {
  for (const std::string& text : from.require_services.list.value_or(std::vector<std::string>())) {
    auto query = parse_service(text);
    if (!query) return fail(Errc::invalid_input, "require_services: " + query.error().text);
    out.insert(query->on);
  }
  for (const std::string& text : from.require_keys.list.value_or(std::vector<std::string>())) {
    auto key = parse_key(text);
    if (!key) return fail(Errc::invalid_input, "require_keys: " + key.error().text);
    out.insert(*key);
  }
  return {};
}

}  // namespace

Result<int> parse_shrink(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 100)
    return fail(Errc::invalid_input, "max_shrink: a percentage such as 50%");
  return value;
}

Result<GuardRules> finalize_guards(const Settings& settings) {
  GuardRules out;
  const auto wrong = [](const Guard& from, const Error& error) {
    return fail(Errc::invalid_input,
                "guard" + (from.service ? " of service " + *from.service : "") + ": " + error.text);
  };
  for (const Guard& from : settings.guards) {
    if (requires_something(from))
      return fail(Errc::invalid_input, "guard: require_services and require_keys belong to a template or a group");
    if (from.service) continue;
    if (Status set = narrow(from, out.all); !set) return wrong(from, set.error());
  }
  for (const Guard& from : settings.guards) {
    if (!from.service) continue;
    GuardRule& rule = out.services.try_emplace(*from.service, out.all).first->second;
    if (Status set = narrow(from, rule); !set) return wrong(from, set.error());
  }
  return out;
}

Status guard_template(const Guard& own, const Guard* of_group, TemplateSpec& out) {
  for (const Guard* from : {of_group, &own}) {
    if (from == nullptr) continue;
    if (from->service)
      return fail(Errc::invalid_input, "guard: service belongs to a guard outside of templates and groups");
    Status set = narrow(*from, out.guard);
    if (set) set = add_required(*from, out.required);
    if (!set) return fail(Errc::invalid_input, "guard: " + set.error().text);
  }
  return {};
}

}  // namespace longshore::render::settings
