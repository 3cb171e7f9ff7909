#include "renderer/settings/finalize_templates.h"

#include "renderer/settings/finalize_guards.h"

namespace longshore::render::settings {
namespace {

// Name or number; the older keys hold numbers, and negative ones mean none.
std::string owner(const std::optional<std::string>& name, const std::optional<std::int64_t>& id) {
  if (name && !name->empty()) return *name;
  return id && *id >= 0 ? std::to_string(*id) : std::string();
}

std::vector<std::string> denied_functions(const Template& from) {
  std::vector<std::string> out = from.function_denylist.list.value_or(std::vector<std::string>());
  if (const auto& old = from.function_blacklist.list) out.insert(out.end(), old->begin(), old->end());
  return out;
}

Result<TemplateSpec> spec_of(const Template& from, const Settings& settings, const cli::Environment& environment,
                             const Environment& consul) {
  TemplateSpec out;
  out.source = from.source.value_or("");
  if (from.contents && !from.contents->empty()) out.contents = *from.contents;
  if (out.source.empty() && !out.contents) return fail(Errc::invalid_input, "template: give a source or contents");
  if (!out.source.empty() && out.contents)
    return fail(Errc::invalid_input, "template " + out.source + ": give a source or contents, not both");
  out.destination = from.destination.value_or("");
  const std::string label = out.source.empty() ? out.destination : out.source;

  const Exec& exec = from.exec;
  const bool old_form = !exec.command || exec.command->empty();
  out.command = old_form ? from.command.value_or(Command()) : *exec.command;
  out.command_timeout = exec.timeout.value_or(from.command_timeout.value_or(std::chrono::seconds(30)));
  if (given(exec.env))
    out.command_environment = std::make_shared<const Environment>(command_environment(exec.env, environment, consul));

  out.left_delimiter = from.left_delimiter.value_or("");
  out.right_delimiter = from.right_delimiter.value_or("");
  out.error_on_missing_key = from.error_on_missing_key.value_or(false);
  // The option is for all templates, the key of a template for those that the option does not mention.
  out.error_fatal = settings.template_error_fatal ? settings.template_error_fatal : from.error_fatal;
  out.function_denylist = denied_functions(from);
  out.sandbox_path = from.sandbox_path.value_or("");
  const auto wait = window_of(from.wait);
  if (!wait) return fail(wait.error().with("template " + label));
  out.wait = *wait;
  if (from.perms && from.perms->bits != 0) out.file.mode = from.perms->bits;
  out.file.user = owner(from.user, from.uid);
  out.file.group = owner(from.group, from.gid);
  out.file.backup = from.backup.value_or(false);
  out.file.create_directories = from.create_dest_dirs.value_or(true);
  return out;
}

}  // namespace

Result<std::optional<WaitWindow>> window_of(const Wait& wait) {
  if (!given(wait)) return std::optional<WaitWindow>();
  WaitWindow window;
  window.min = wait.min.value_or(base::Duration(0));
  window.max = wait.max.value_or(window.min * 4);
  if (!wait.enabled.value_or(true)) return std::optional(WaitWindow());
  if (window.max < window.min) return fail(Errc::invalid_input, "wait: min must be less than max");
  return std::optional(window);
}

std::expected<std::vector<TemplateSpec>, LoadError> finalize_templates(const Settings& settings,
                                                                       const cli::Environment& environment,
                                                                       const Environment& consul, Name name) {
  // There a template that cannot be used shows when it is set up, which is a failed run.
  const int code = name == Name::compatible ? kExitFailed : kExitConfiguration;
  const bool without_destination = settings.dry.value_or(false) || settings.parse_only.value_or(false);
  std::vector<TemplateSpec> out;
  const auto add = [&](const Template& from, const Group* group) -> std::optional<LoadError> {
    auto spec = spec_of(from, settings, environment, consul);
    if (!spec) return LoadError{code, spec.error().text};
    if (Status guarded = guard_template(from.guard, group == nullptr ? nullptr : &group->guard, *spec); !guarded)
      return LoadError{code, "template " + spec->label() + ": " + guarded.error().text};
    if (spec->destination.empty() && !without_destination)
      return LoadError{name == Name::compatible ? kExitFailed : kExitUsage,
                       "template " + spec->label() + " has no destination (only -dry can do without)"};
    // `group` of a template is the owner of its file.
    spec->group = group == nullptr ? "" : group->name;
    out.push_back(std::move(*spec));
    return std::nullopt;
  };
  for (const Template& from : settings.templates)
    if (auto refused = add(from, nullptr)) return std::unexpected(std::move(*refused));
  for (const Group& group : settings.groups)
    for (const Template& from : group.templates)
      if (auto refused = add(from, &group)) return std::unexpected(std::move(*refused));
  return out;
}

}  // namespace longshore::render::settings
