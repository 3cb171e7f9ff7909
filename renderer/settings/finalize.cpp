#include "renderer/settings/finalize.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "common/base/hash.h"
#include "common/consul/environment_name.h"
#include "renderer/settings/finalize_claims.h"
#include "renderer/settings/finalize_groups.h"
#include "renderer/settings/finalize_guards.h"
#include "renderer/settings/finalize_probe.h"
#include "renderer/settings/finalize_templates.h"
#include "renderer/settings/finalize_watches.h"

namespace longshore::render::settings {
namespace {

// Signals, lists, reads and what must not wait for them.
constexpr std::size_t kFewestConnections = 4;

std::unexpected<LoadError> refused(int exit_code, std::string text) {
  return std::unexpected(LoadError{exit_code, std::move(text)});
}

// Without -retry and its kin ours are short and endless; whoever types one gets consul-template's of the rest.
void apply(const Retry& retry, RenderConfig& config) {
  WatchSettings& query = config.watch;
  if (retry.backoff || retry.max_backoff || retry.attempts) {
    query.backoff_first = retry.backoff.value_or(std::chrono::milliseconds(250));
    query.backoff_most = retry.max_backoff.value_or(std::chrono::minutes(1));
    // 0: no bound there.
    if (query.backoff_most.count() == 0) query.backoff_most = std::chrono::hours(24);
    query.backoff_first = std::max<base::Duration>(query.backoff_first, std::chrono::milliseconds(1));
    query.backoff_most = std::max(query.backoff_most, query.backoff_first);
  }
  if (retry.attempts && *retry.attempts > 0) config.machine.retry_attempts = *retry.attempts;
  if (!retry.enabled.value_or(true)) config.machine.retry_attempts = 0;
}

Result<ChildSettings> child_of(const Exec& exec, const cli::Environment& environment, const Environment& consul) {
  ChildSettings out;
  out.command = *exec.command;
  out.environment = std::make_shared<const Environment>(command_environment(exec.env, environment, consul));
  if (exec.kill_signal) out.kill_signal = exec.kill_signal->number;
  if (exec.kill_timeout) out.kill_timeout = *exec.kill_timeout;
  if (exec.reload_signal) out.reload_signal = exec.reload_signal->number;
  if (exec.splay) out.splay = *exec.splay;
  using Restart = ChildSettings::Restart;
  const std::string restart = exec.restart.value_or("no");
  if (restart == "on-failure")
    out.restart = Restart::on_failure;
  else if (restart == "always")
    out.restart = Restart::always;
  else if (restart != "no")
    return fail(Errc::invalid_input, "exec.restart: use no, on-failure or always");
  return out;
}

// Each set of files has a directory of its own, so that two renderers of one host share none. "" where nothing outlives
// the run, and for paths that mean another file in another directory.
std::string default_state_dir(const MachineSettings& machine, const cli::Environment& environment) {
  if (machine.once || machine.dry || machine.parse_only || machine.templates.empty()) return {};
  std::vector<std::string_view> destinations;
  for (const TemplateSpec& spec : machine.templates) {
    if (!spec.destination.starts_with('/')) return {};
    destinations.emplace_back(spec.destination);
  }
  std::ranges::sort(destinations);
  std::uint64_t hash = base::fnv1a("");
  for (const std::string_view destination : destinations) hash = base::fnv1a("\n", base::fnv1a(destination, hash));
  const auto base = environment.find("LONGSHORE_STATE_DIR");
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return (base == environment.end() ? std::string("/var/lib/longshore") : base->second) + "/render-" + digits.data();
}

}  // namespace

std::expected<RenderConfig, LoadError> finalize(const Settings& settings, const cli::Environment& environment,
                                                Name name) {
  RenderConfig config;
  MachineSettings& machine = config.machine;
  machine.once = settings.once.value_or(false);
  machine.dry = settings.dry.value_or(false);
  machine.parse_only = settings.parse_only.value_or(false);
  machine.publish = true;
  auto consul = client_settings(settings.consul, environment);
  // consul-template makes its client when it starts to run.
  if (!consul) return refused(name == Name::compatible ? kExitFailed : kExitConfiguration, consul.error().text);
  config.consul = std::move(*consul);
  apply(settings.consul.retry, config);

  const auto wait = window_of(settings.wait);
  if (!wait) return refused(kExitConfiguration, wait.error().text);
  machine.wait = wait->value_or(WaitWindow{});
  const auto negative = [](const std::optional<base::Duration>& value) { return value && value->count() < 0; };
  if (negative(settings.hold)) return refused(kExitUsage, "-hold: cannot be negative");
  if (negative(settings.max_stale) && name == Name::own) return refused(kExitUsage, "-max-stale: cannot be negative");
  machine.hold.hold = settings.hold.value_or(std::chrono::seconds(10));
  machine.reload_pid_file = settings.nginx.pid_file.value_or("");
  machine.left_delimiter = settings.default_delimiters.left.value_or("");
  machine.right_delimiter = settings.default_delimiters.right.value_or("");
  config.reload_executable = settings.nginx.executable.value_or("nginx");
  config.retire_workers = settings.nginx.retire_workers.value_or(name == Name::own);
  config.renderer_id = settings.renderer_id.value_or("");
  if (!is_key_part(config.renderer_id))
    return refused(kExitUsage, "-renderer-id: letters, digits, '.', '_' and '-' only: " + config.renderer_id);
  config.state_dir = settings.state_dir.value_or("");
  // There no server is fresh enough for less than nothing, and the leader is asked.
  config.watch.max_stale = std::max<base::Duration>(settings.max_stale.value_or(std::chrono::seconds(2)), {});
  if (settings.block_query_wait && settings.block_query_wait->count() > 0)
    config.watch.wait = *settings.block_query_wait;
  config.watch.once = machine.once;
  config.watch.max_connections = static_cast<std::size_t>(settings.max_connections.value_or(64));
  if (config.watch.max_connections < kFewestConnections) return refused(kExitUsage, "max_connections: at least 4");
  // 0: no bound there. With fewer than we can do with, as few as that.
  if (const auto most = settings.consul.transport.max_conns_per_host; most && *most > 0)
    config.watch.max_connections =
        std::clamp(static_cast<std::size_t>(*most), kFewestConnections, config.watch.max_connections);
  config.consul.pool.max_in_use = config.watch.max_connections;
  config.consul.pool.http2 = true;
  config.consul.pool.max_idle = std::min(config.consul.pool.max_idle, config.watch.max_connections);
  if (const Status fits = consul::check_environment(settings.env.value_or("")); !fits)
    return refused(kExitUsage, "env: " + fits.error().text);
  if (!settings.env.value_or("").empty()) config.kv_prefix = "longshore/" + *settings.env + "/";
  if (name == Name::own || !settings.env.value_or("").empty()) machine.env = settings.env.value_or("");
  const Environment where = consul_variables(settings.consul, config.consul);
  config.command_environment = command_environment({}, environment, where);
  config.inherit_output = name == Name::compatible;
  machine.environment = config.command_environment;
  machine.err_on_failed_lookup = settings.err_on_failed_lookup.value_or(false);
  machine.once_timeout = settings.once_timeout.value_or(base::Duration(0));
  machine.child_signal_codes = name == Name::own;
  if (settings.exec.command && !settings.exec.command->empty()) {
    auto child = child_of(settings.exec, environment, where);
    if (!child) return refused(kExitConfiguration, child.error().text);
    machine.child = std::move(*child);
  }

  auto probe = probe_settings(settings, name);
  if (!probe) return refused(kExitConfiguration, probe.error().text);
  machine.probe = std::move(*probe);

  auto guards = finalize_guards(settings);
  if (!guards) return refused(kExitConfiguration, guards.error().text);
  machine.guards = std::move(*guards);
  machine.release_prefix = config.kv_prefix + "releases/";

  auto claims = finalize_claims(settings, config.kv_prefix);
  if (!claims) return refused(kExitConfiguration, claims.error().text);
  machine.sites = std::move(*claims);

  auto watches = finalize_watches(settings, environment, where);
  if (!watches) return refused(kExitConfiguration, watches.error().text);
  // A single run, a plan or a look at the templates tells nobody.
  if (!machine.once && !machine.dry && !machine.parse_only) machine.notices = std::move(*watches);

  auto templates = finalize_templates(settings, environment, where, name);
  if (!templates) return std::unexpected(std::move(templates.error()));
  machine.templates = std::move(*templates);
  if (Status grouped = make_groups(settings, name, machine); !grouped)
    return refused(kExitConfiguration, grouped.error().text);
  if (!settings.state_dir && name == Name::own) {
    config.state_dir = default_state_dir(machine, environment);
    config.state_dir_optional = true;
  }
  if (machine.templates.empty() && machine.notices.empty() && !machine.child && name == Name::own)
    return refused(kExitUsage, "nothing to render: give at least one -template or -config");
  return config;
}

}  // namespace longshore::render::settings
