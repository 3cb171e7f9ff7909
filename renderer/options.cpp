#include "renderer/options.h"

#include "common/base/text.h"
#include "common/consul/environment.h"
#include "renderer/io/file_store.h"

namespace longshore::render {
namespace {

using cli::Kind;

constexpr const char* kConsul = "Consul";
constexpr const char* kTemplates = "Templates";
constexpr const char* kChanges = "Changes";

Status check_template(std::string_view text) {
  LS_TRY_STATUS(parse_template_argument(text));
  return {};
}

Status check_wait(std::string_view text) {
  if (text.empty()) return {};
  LS_TRY_STATUS(parse_wait(text));
  return {};
}

Status check_auth(std::string_view text) {
  if (text.empty()) return fail(Errc::invalid_input, "cannot be empty");
  return {};
}

cli::OptionTable consul_options() {
  return cli::OptionTable({
      {.names = {"consul-addr", "consul"},
       .value_name = "ADDR",
       .help = "Address of Consul: host:port, http://, https:// or unix://.",
       .fallback_text = "CONSUL_HTTP_ADDR, else 127.0.0.1:8500",
       .group = kConsul},
      {.names = {"consul-token", "token"},
       .value_name = "TOKEN",
       .help = "ACL token.",
       .fallback_text = "CONSUL_TOKEN, CONSUL_HTTP_TOKEN",
       .group = kConsul,
       .secret = true},
      {.names = {"consul-token-file", "token-file"},
       .value_name = "FILE",
       .help = "File that holds the ACL token; it beats the token.",
       .fallback_text = "CONSUL_TOKEN_FILE, CONSUL_HTTP_TOKEN_FILE",
       .group = kConsul},
      {.names = {"consul-auth", "auth"},
       .value_name = "USER[:PASSWORD]",
       .help = "HTTP basic authentication.",
       .group = kConsul,
       .secret = true,
       .check = check_auth},
      {.names = {"consul-ssl", "ssl"}, .kind = Kind::boolean, .help = "Use TLS.", .group = kConsul},
      {.names = {"consul-ssl-verify", "ssl-verify"},
       .kind = Kind::boolean,
       .help = "Check the server's certificate.",
       .fallback = "true",
       .group = kConsul},
      {.names = {"consul-ssl-ca-cert", "ssl-ca-cert"}, .value_name = "FILE", .help = "Authorities.", .group = kConsul},
      {.names = {"consul-ssl-ca-path"}, .value_name = "DIR", .help = "Directory of authorities.", .group = kConsul},
      {.names = {"consul-ssl-cert", "ssl-cert"},
       .value_name = "FILE",
       .help = "Our certificate; it may hold the key too.",
       .group = kConsul},
      {.names = {"consul-ssl-key"}, .value_name = "FILE", .help = "Key of our certificate.", .group = kConsul},
      {.names = {"consul-ssl-server-name"}, .value_name = "NAME", .help = "Name to expect.", .group = kConsul},
      {.names = {"max-stale"},
       .kind = Kind::duration,
       .help = "Servers that are not the leader may answer if they are at most this far behind; 0 asks the leader.",
       .fallback = "2s",
       .group = kConsul},
      {.names = {"env"},
       .value_name = "NAME",
       .help = "Environment: our records in Consul's KV are below longshore/NAME/ instead of longshore/.",
       .env = {"LONGSHORE_ENV"},
       .group = kConsul},
  });
}

cli::OptionTable template_options() {
  return cli::OptionTable({
      {.names = {"template"},
       .kind = Kind::list,
       .value_name = "SOURCE[:DESTINATION[:COMMAND]]",
       .help = "Render SOURCE into DESTINATION and run COMMAND after a change (with white space: by sh -c).",
       .group = kTemplates,
       .check = check_template},
      {.names = {"once"}, .kind = Kind::boolean, .help = "Render everything once, then end.", .group = kTemplates},
      {.names = {"dry"}, .kind = Kind::boolean, .help = "Print instead of writing.", .group = kTemplates},
      {.names = {"parse-only"},
       .kind = Kind::boolean,
       .help = "Only parse the templates: nothing is asked, written or run.",
       .group = kTemplates},
      {.names = {"default-left-delimiter"}, .value_name = "TEXT", .help = "Instead of {{.", .group = kTemplates},
      {.names = {"default-right-delimiter"}, .value_name = "TEXT", .help = "Instead of }}.", .group = kTemplates},
  });
}

cli::OptionTable change_options() {
  return cli::OptionTable({
      {.names = {"wait"},
       .value_name = "MIN[:MAX]",
       .help = "Render when a template's data was quiet for MIN, at the latest MAX (4 x MIN) after its first change. "
               "The first time is never delayed.",
       .group = kChanges,
       .check = check_wait},
      {.names = {"hold"},
       .kind = Kind::duration,
       .help = "Keep an instance that vanished without a withdrawal, and does not refuse connections, this long.",
       .fallback = "10s",
       .env = {"LONGSHORE_HOLD"},
       .group = kChanges},
      {.names = {"reload-pid-file"},
       .value_name = "FILE",
       .help = "After changes of templates without a command send HUP to the process in FILE.",
       .group = kChanges},
      {.names = {"reload-executable"},
       .value_name = "NAME",
       .help = "What that process must be; empty for anything.",
       .fallback = "nginx",
       .group = kChanges},
      {.names = {"state-dir"},
       .value_name = "DIR",
       .help = "Keep the version before the last change of each file here.",
       .group = kChanges},
  });
}

Result<std::string> read_token(const std::string& path) {
  LS_TRY(text, RealFiles().read(path));
  return std::string(base::trim(text));
}

// consul-template's own names of the variables come first.
cli::Environment with_old_names(cli::Environment environment) {
  for (const auto& [old_name, name] :
       {std::pair{"CONSUL_TOKEN", "CONSUL_HTTP_TOKEN"}, std::pair{"CONSUL_TOKEN_FILE", "CONSUL_HTTP_TOKEN_FILE"}})
    if (const auto found = environment.find(old_name); found != environment.end() && !found->second.empty())
      environment[name] = found->second;
  return environment;
}

Result<consul::ClientSettings> consul_settings(const cli::Parsed& parsed, const cli::Environment& environment) {
  LS_TRY(settings, consul::settings_from_environment(with_old_names(environment)));
  const auto text = [&](const char* name, std::string& field) {
    if (parsed.is_set(name)) field = parsed.text(name);
  };
  text("consul-ssl-ca-cert", settings.tls.ca_file);
  text("consul-ssl-ca-path", settings.tls.ca_path);
  text("consul-ssl-cert", settings.tls.cert_file);
  text("consul-ssl-key", settings.tls.key_file);
  text("consul-ssl-server-name", settings.tls.server_name);
  text("consul-auth", settings.auth);
  text("consul-token", settings.token);
  if (parsed.is_set("consul-ssl-verify")) settings.tls.verify = parsed.boolean("consul-ssl-verify");
  if (parsed.is_set("consul-addr")) {
    Status set = consul::set_address(settings, parsed.text("consul-addr"));
    if (!set) return fail(set.error().with("-consul-addr"));
  }
  if (parsed.is_set("consul-ssl")) settings.endpoint.tls = parsed.boolean("consul-ssl");
  if (const std::string& file = parsed.text("consul-token-file"); !file.empty()) {
    LS_TRY(token, read_token(file));
    if (!token.empty()) settings.token = token;
  }
  return settings;
}

// What commands, and `env` in templates, see on top of our own environment. Source: consul-template, 4.6 of its
// reference.
cli::Environment child_environment(const cli::Environment& environment, const consul::ClientSettings& consul) {
  cli::Environment out = environment;
  out["CONSUL_HTTP_ADDR"] = net::to_string(consul.endpoint);
  out["CONSUL_HTTP_SSL"] = consul.endpoint.tls ? "true" : "false";
  out["CONSUL_HTTP_SSL_VERIFY"] = consul.tls.verify ? "true" : "false";
  if (!consul.token.empty()) out["CONSUL_HTTP_TOKEN"] = consul.token;
  if (!consul.auth.empty()) out["CONSUL_HTTP_AUTH"] = consul.auth;
  return out;
}

}  // namespace

cli::OptionTable render_options() {
  return template_options().with(consul_options()).with(change_options());
}

Result<RenderConfig> render_config(const cli::Parsed& parsed, const cli::Environment& environment) {
  RenderConfig config;
  MachineSettings& machine = config.machine;
  machine.once = parsed.boolean("once");
  machine.dry = parsed.boolean("dry");
  machine.parse_only = parsed.boolean("parse-only");
  for (const std::string& text : parsed.list("template")) {
    LS_TRY(spec, parse_template_argument(text));
    if (spec.destination.empty() && !machine.dry && !machine.parse_only)
      return fail(Errc::invalid_input, "template " + spec.source + " has no destination (only -dry can do without)");
    machine.templates.push_back(std::move(spec));
  }
  if (machine.templates.empty()) return fail(Errc::invalid_input, "nothing to render: give at least one -template");
  if (!parsed.text("wait").empty()) {
    LS_TRY(window, parse_wait(parsed.text("wait")));
    machine.wait = window;
  }
  if (parsed.duration("hold").count() < 0) return fail(Errc::invalid_input, "-hold: cannot be negative");
  if (parsed.duration("max-stale").count() < 0) return fail(Errc::invalid_input, "-max-stale: cannot be negative");
  machine.hold.hold = parsed.duration("hold");
  machine.reload_pid_file = parsed.text("reload-pid-file");
  machine.left_delimiter = parsed.text("default-left-delimiter");
  machine.right_delimiter = parsed.text("default-right-delimiter");
  config.reload_executable = parsed.text("reload-executable");
  config.state_dir = parsed.text("state-dir");
  config.watch.max_stale = parsed.duration("max-stale");
  config.watch.once = machine.once;
  if (!parsed.text("env").empty()) config.kv_prefix = "longshore/" + parsed.text("env") + "/";
  LS_TRY(consul, consul_settings(parsed, environment));
  config.consul = std::move(consul);
  config.command_environment = child_environment(environment, config.consul);
  machine.environment = config.command_environment;
  return config;
}

}  // namespace longshore::render
