#include "renderer/settings/finalize_probe.h"

#include <charconv>

namespace longshore::render::settings {
namespace {

Status set_floor(std::string_view text, ProbeMachine::Settings& out) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > (percent ? 100 : 1'000'000))
    return fail(Errc::invalid_input, "probe.floor: use a number of instances or a percentage, such as 2 or 50%");
  (percent ? out.percent : out.least) = value;
  return {};
}

Result<ProbeOverride> override_of(const HealthCheck& from) {
  ProbeOverride out;
  Status bad;
  // A request line or status may follow from the mode that is said, not the other way round: that one goes last.
  for_each_field(from, [&](const char* key, const std::optional<std::string>& value) {
    if (!value || std::string_view(key) == "service" || std::string_view(key) == "mode" || !bad) return;
    const Status set = set_probe_key(out, key, *value);
    if (!set) bad = fail(Errc::invalid_input, std::string("health_check.") + key + ": " + set.error().text);
  });
  if (!bad) return fail(std::move(bad.error()));
  if (from.mode) {
    LS_TRY(mode, parse_probe_mode(*from.mode));
    out.mode = mode;
  }
  return out;
}

}  // namespace

Status check_probe_floor(std::string_view text) {
  ProbeMachine::Settings ignored;
  return set_floor(text, ignored);
}

Result<ProbeSettings> probe_settings(const Settings& settings, Name name) {
  ProbeSettings out;
  // Each run of -once starts from nothing, and a plan or a print sends nobody anywhere.
  const bool lives = !settings.once.value_or(false) && !settings.dry.value_or(false);
  out.enabled = settings.probe.enabled.value_or(name == Name::own) && lives;
  if (settings.probe.floor) LS_TRY_STATUS(set_floor(*settings.probe.floor, out.machine));
  for (const HealthCheck& check : settings.health_checks) {
    LS_TRY(over, override_of(check));
    if (check.service.value_or("").empty()) {
      const bool stated = out.spec.stated || (over.mode && *over.mode != ProbeSpec::Mode::answer);
      narrow(over, out.spec);
      out.spec.stated = stated;
    } else {
      out.services[*check.service] = over;
    }
  }
  return out;
}

}  // namespace longshore::render::settings
