#include "renderer/settings/from_options.h"

#include "renderer/core/template_spec.h"
#include "renderer/settings/signal_name.h"

namespace longshore::render::settings {
namespace {

class Layer {
 public:
  Layer(const cli::Parsed& parsed, cli::Origin layer) : parsed_(parsed), layer_(layer) {}

  bool has(const char* name) const { return parsed_.table().find(name) != nullptr && parsed_.origin(name) == layer_; }
  void take(const char* name, std::optional<std::string>& out) const {
    if (has(name)) out = parsed_.text(name);
  }
  void take(const char* name, std::optional<bool>& out) const {
    if (has(name)) out = parsed_.boolean(name);
  }
  void take(const char* name, std::optional<std::int64_t>& out) const {
    if (has(name)) out = parsed_.integer(name);
  }
  void take(const char* name, std::optional<base::Duration>& out) const {
    if (has(name)) out = parsed_.duration(name);
  }
  void take(const char* name, Texts& out) const {
    if (has(name)) out.list = parsed_.list(name);
  }
  void take(const char* name, std::optional<Secret>& out) const {
    if (has(name)) out = Secret{parsed_.text(name)};
  }
  // Judged when it was parsed.
  void take(const char* name, std::optional<Signal>& out) const {
    if (has(name)) out = Signal{parse_signal(parsed_.text(name)).value_or(0)};
  }

 private:
  const cli::Parsed& parsed_;
  cli::Origin layer_;
};

void take_consul(const Layer& in, Consul& out) {
  in.take("consul-addr", out.address);
  in.take("consul-token", out.token);
  in.take("consul-token-file", out.token_file);
  in.take("consul-ssl", out.ssl.enabled);
  in.take("consul-ssl-verify", out.ssl.verify);
  in.take("consul-ssl-ca-cert", out.ssl.ca_cert);
  in.take("consul-ssl-ca-path", out.ssl.ca_path);
  in.take("consul-ssl-cert", out.ssl.cert);
  in.take("consul-ssl-key", out.ssl.key);
  in.take("consul-ssl-server-name", out.ssl.server_name);
  in.take("consul-retry", out.retry.enabled);
  in.take("consul-retry-attempts", out.retry.attempts);
  in.take("consul-retry-backoff", out.retry.backoff);
  in.take("consul-retry-max-backoff", out.retry.max_backoff);
  in.take("consul-transport-dial-timeout", out.transport.dial_timeout);
  in.take("consul-transport-dial-keep-alive", out.transport.dial_keep_alive);
  in.take("consul-transport-disable-keep-alives", out.transport.disable_keep_alives);
  in.take("consul-transport-max-idle-conns-per-host", out.transport.max_idle_conns_per_host);
  in.take("consul-transport-tls-handshake-timeout", out.transport.tls_handshake_timeout);
  std::optional<std::string> auth;
  in.take("consul-auth", auth);
  if (!auth) return;
  const std::size_t colon = auth->find(':');
  out.auth.username = auth->substr(0, colon);
  if (colon != std::string::npos) out.auth.password = Secret{auth->substr(colon + 1)};
}

void take_exec(const Layer& in, Exec& out) {
  std::optional<std::string> command;
  in.take("exec", command);
  if (command) out.command = Command(*command);
  in.take("exec-kill-signal", out.kill_signal);
  in.take("exec-kill-timeout", out.kill_timeout);
  in.take("exec-reload-signal", out.reload_signal);
  in.take("exec-splay", out.splay);
  in.take("exec-restart", out.restart);
  in.take("exec-env-pristine", out.env.pristine);
  in.take("exec-env-custom", out.env.custom);
  in.take("exec-env-allowlist", out.env.allowlist);
  in.take("exec-env-denylist", out.env.denylist);
}

void take_log(const Layer& in, Settings& out) {
  in.take("log-level", out.log_level);
  in.take("log-format", out.log_format);
  in.take("log-file", out.log_file.path);
  in.take("log-rotate-bytes", out.log_file.log_rotate_bytes);
  in.take("log-rotate-duration", out.log_file.log_rotate_duration);
  in.take("log-rotate-max-files", out.log_file.log_rotate_max_files);
  in.take("syslog", out.syslog.enabled);
  in.take("syslog-facility", out.syslog.facility);
  in.take("syslog-name", out.syslog.name);
}

Result<Template> template_of(const std::string& argument) {
  LS_TRY(spec, parse_template_argument(argument));
  Template out;
  out.source = spec.source;
  if (!spec.destination.empty()) out.destination = spec.destination;
  if (!spec.command.empty()) out.exec.command = spec.command;
  return out;
}

}  // namespace

Result<Settings> from_options(const cli::Parsed& parsed, cli::Origin layer) {
  Settings out;
  const Layer in(parsed, layer);
  take_consul(in, out.consul);
  take_exec(in, out.exec);
  take_log(in, out);
  in.take("dry", out.dry);
  in.take("dedup", out.deduplicate.enabled);
  in.take("default-left-delimiter", out.default_delimiters.left);
  in.take("default-right-delimiter", out.default_delimiters.right);
  in.take("env", out.env);
  in.take("hold", out.hold);
  in.take("http-addr", out.http_addr);
  in.take("kill-signal", out.kill_signal);
  in.take("max-connections", out.max_connections);
  in.take("max-stale", out.max_stale);
  in.take("once", out.once);
  in.take("once-timeout", out.once_timeout);
  in.take("parse-only", out.parse_only);
  in.take("pid-file", out.pid_file);
  in.take("reload-executable", out.nginx.executable);
  in.take("reload-pid-file", out.nginx.pid_file);
  in.take("retire-workers", out.nginx.retire_workers);
  in.take("reload-signal", out.reload_signal);
  in.take("fleet-splay", out.fleet.splay);
  in.take("fleet-semaphore", out.fleet.semaphore);
  in.take("fleet-limit", out.fleet.limit);
  in.take("fleet-patience", out.fleet.patience);
  in.take("probe", out.probe.enabled);
  in.take("probe-floor", out.probe.floor);
  HealthCheck check;
  in.take("probe-interval", check.interval);
  in.take("probe-timeout", check.timeout);
  in.take("probe-rise", check.rise);
  in.take("probe-fall", check.fall);
  in.take("probe-admission", check.admission);
  if (given(check)) out.health_checks.push_back(std::move(check));
  Guard guard;
  in.take("min-instances", guard.min_instances);
  in.take("max-shrink", guard.max_shrink);
  in.take("keep-on-empty", guard.keep_on_empty);
  in.take("guard-limit", guard.limit);
  if (given(guard)) out.guards.push_back(std::move(guard));
  in.take("renderer-id", out.renderer_id);
  in.take("state-dir", out.state_dir);
  in.take("template-error-fatal", out.template_error_fatal);
  std::optional<std::string> wait;
  in.take("wait", wait);
  if (wait) {
    LS_TRY(window, parse_wait(*wait));
    out.wait.min = window.min;
    out.wait.max = window.max;
  }
  for (const std::string& argument : parsed.list_of("template", layer)) {
    LS_TRY(one, template_of(argument));
    out.templates.push_back(std::move(one));
  }
  return out;
}

}  // namespace longshore::render::settings
