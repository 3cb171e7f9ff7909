#include "agent/options.h"

#include <filesystem>

#include "agent/core/metadata.h"
#include "common/base/text.h"
#include "common/consul/environment.h"

namespace longshore::agent {
namespace {

constexpr std::string_view kRegistrator = "Registrator's options";
constexpr std::string_view kOwn = "Options of longshore";

using Options = std::vector<cli::Option>;

Status check_deregister(std::string_view text) {
  if (text == "always" || text == "on-success") return {};
  return fail(Errc::invalid_input, "use always or on-success");
}

Status check_meta(std::string_view text) {
  if (text == "safe" || text == "all") return {};
  return fail(Errc::invalid_input, "use safe or all");
}

Options peer_options() {
  const std::string group(kRegistrator);
  return {
      {.names = {"ip"},
       .value_name = "ADDR",
       .help = "Address of published ports.",
       .fallback_text = "found out",
       .group = group},
      {.names = {"internal"},
       .kind = cli::Kind::boolean,
       .help = "Register container addresses and ports.",
       .group = group},
      {.names = {"explicit"},
       .kind = cli::Kind::boolean,
       .help = "Only ports with a SERVICE_NAME of their own.",
       .group = group},
      {.names = {"useIpFromLabel"},
       .value_name = "LABEL",
       .help = "Address from this label, as IP or CIDR.",
       .group = group},
      {.names = {"tags"}, .value_name = "LIST", .help = "Tags for every service, separated by commas.", .group = group},
      {.names = {"resync"},
       .kind = cli::Kind::integer,
       .value_name = "SECONDS",
       .help = "Reconcile this often; 0 = the usual interval.",
       .fallback = "0",
       .group = group,
       .min = 0},
      {.names = {"cleanup"},
       .kind = cli::Kind::boolean,
       .help = "Also remove unmarked entries of Registrator's form whose container does not run.",
       .group = group},
      {.names = {"deregister"},
       .value_name = "WHEN",
       .help = "always, or on-success: exit codes 1 to 127 keep entries.",
       .fallback = "always",
       .group = group,
       .check = check_deregister},
      {.names = {"ttl"},
       .kind = cli::Kind::integer,
       .value_name = "SECONDS",
       .help = "Accepted for compatibility; Consul's entries have no TTL.",
       .fallback = "0",
       .group = group,
       .min = 0},
      {.names = {"ttl-refresh"},
       .kind = cli::Kind::integer,
       .value_name = "SECONDS",
       .help = "Accepted for compatibility, together with -ttl.",
       .fallback = "0",
       .group = group,
       .min = 0},
      {.names = {"retry-attempts"},
       .kind = cli::Kind::integer,
       .value_name = "N",
       .help = "Give up when Consul does not answer at start after 1 + N tries; -1 = wait for it.",
       .fallback = "-1",
       .group = group,
       .min = -1,
       .max = 1'000'000},
      {.names = {"retry-interval"},
       .kind = cli::Kind::integer,
       .value_name = "MS",
       .help = "Milliseconds between those tries.",
       .fallback = "2000",
       .group = group,
       .min = 1},
  };
}

// Under the compatibility name too: the way back to Registrator's exact set.
cli::Option meta_option() {
  return {.names = {"meta"},
          .value_name = "WHAT",
          .help = "safe: without checks and secrets; all: every SERVICE_* value.",
          .fallback = "safe",
          .group = std::string(kOwn),
          .check = check_meta};
}

Options own_options() {
  const std::string group(kOwn);
  return {
      {.names = {"require-label"},
       .value_name = "LABEL[=VALUE]",
       .help = "Only containers that carry this label.",
       .env = {"LONGSHORE_AGENT_REQUIRE_LABEL"},
       .group = group},
      {.names = {"env"},
       .value_name = "NAME",
       .help = "Environment, e.g. staging: in Meta and in KV keys.",
       .env = {"LONGSHORE_ENV"},
       .group = group},
      {.names = {"hostname"},
       .value_name = "NAME",
       .help = "First part of service IDs.",
       .fallback_text = "the host name",
       .env = {"LONGSHORE_AGENT_HOSTNAME"},
       .group = group},
      {.names = {"allow-loopback"},
       .kind = cli::Kind::boolean,
       .help = "Register loopback addresses too.",
       .group = group},
      {.names = {"allow-exec-checks"},
       .kind = cli::Kind::boolean,
       .help = "Pass on checks that run a command from a label on the host.",
       .group = group},
      {.names = {"reconcile-interval"},
       .kind = cli::Kind::duration,
       .help = "Read Docker and Consul in full this often.",
       .fallback = "30s",
       .env = {"LONGSHORE_AGENT_RECONCILE_INTERVAL"},
       .group = group},
      {.names = {"watch-interval"},
       .kind = cli::Kind::duration,
       .help = "Look this often whether Consul still has a service of ours.",
       .fallback = "2s",
       .group = group},
      {.names = {"state-dir"},
       .value_name = "DIR",
       .help = "Keeps what marks services as ours; empty = keep nothing.",
       .fallback = "/var/lib/longshore",
       .env = {"LONGSHORE_STATE_DIR"},
       .group = group},
  };
}

std::string value_of(const cli::Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

Result<AgentOptions> peer_values(const cli::Parsed& parsed, bool compatible) {
  AgentOptions options;
  options.compatible = compatible;
  options.ip = parsed.text("ip");
  options.internal = parsed.boolean("internal");
  options.explicit_names = parsed.boolean("explicit");
  options.ip_label = parsed.text("useIpFromLabel");
  options.resync = std::chrono::seconds(parsed.integer("resync"));
  options.cleanup = parsed.boolean("cleanup");
  options.deregister = parsed.text("deregister") == "on-success" ? DeregisterWhen::on_success : DeregisterWhen::always;
  options.meta = parsed.text("meta") == "all" ? MetaChoice::all : MetaChoice::safe;
  const std::string& tags = parsed.text("tags");
  if (tags.find("{{") != std::string::npos) return fail(Errc::rejected, "-tags: templates are not supported yet");
  options.tags = split_tags(tags);
  const bool ttl = parsed.integer("ttl") != 0;
  const bool refresh = parsed.integer("ttl-refresh") != 0;
  if (ttl != refresh) return fail(Errc::rejected, "-ttl and -ttl-refresh must be specified together or not at all");
  if (ttl && parsed.integer("ttl") <= parsed.integer("ttl-refresh"))
    return fail(Errc::rejected, "-ttl must be greater than -ttl-refresh");
  return options;
}

Status own_values(const cli::Parsed& parsed, AgentOptions& options) {
  options.env = parsed.text("env");
  if (options.env.find('/') != std::string::npos) return fail(Errc::invalid_input, "-env: no slashes, please");
  options.hostname = parsed.text("hostname");
  options.allow_loopback = parsed.boolean("allow-loopback");
  options.allow_exec_checks = parsed.boolean("allow-exec-checks");
  options.reconcile_interval = parsed.duration("reconcile-interval");
  options.watch_interval = parsed.duration("watch-interval");
  if (options.reconcile_interval < std::chrono::seconds(1) || options.watch_interval < std::chrono::milliseconds(100))
    return fail(Errc::invalid_input, "-reconcile-interval is at least 1s, -watch-interval at least 100ms");
  if (const std::string& label = parsed.text("require-label"); !label.empty()) {
    const std::size_t equals = label.find('=');
    options.require_label = LabelRequirement{label.substr(0, equals), std::nullopt};
    if (equals != std::string::npos) options.require_label->value = label.substr(equals + 1);
  }
  return {};
}

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

cli::OptionTable agent_options(bool compatible) {
  Options options = peer_options();
  options.push_back(meta_option());
  cli::OptionTable table(std::move(options));
  return compatible ? table : table.with(cli::OptionTable(own_options()));
}

Result<docker::ClientSettings> docker_settings(const cli::Environment& environment, bool compatible,
                                               FileExists exists) {
  constexpr std::uint16_t kPlainPort = 2375;
  const std::string usual = "/var/run/docker.sock";
  const std::string peers = "/tmp/docker.sock";
  docker::ClientSettings settings;
  settings.limits.connect = std::chrono::seconds(3);
  settings.limits.first_byte = std::chrono::seconds(10);
  settings.api_version = value_of(environment, "DOCKER_API_VERSION");
  std::string host = value_of(environment, "DOCKER_HOST");
  if (host.empty()) {
    const std::string& first = compatible ? peers : usual;
    const std::string& second = compatible ? usual : peers;
    host = "unix://" + (!exists(first) && exists(second) ? second : first);
  }
  if (host.starts_with("npipe:") || host.starts_with("ssh:"))
    return fail(Errc::invalid_input, "DOCKER_HOST: unix://, tcp://, http:// and https:// only: " + host);
  const auto endpoint = net::parse_url(host, kPlainPort);
  if (!endpoint) return fail(endpoint.error().with("DOCKER_HOST"));
  settings.endpoint = *endpoint;
  if (!value_of(environment, "DOCKER_TLS_VERIFY").empty() && settings.endpoint.kind == net::Endpoint::Kind::tcp) {
    std::string folder = value_of(environment, "DOCKER_CERT_PATH");
    if (folder.empty()) folder = value_of(environment, "HOME") + "/.docker";
    settings.endpoint.tls = true;
    settings.tls.ca_file = folder + "/ca.pem";
    settings.tls.cert_file = folder + "/cert.pem";
    settings.tls.key_file = folder + "/key.pem";
  }
  return settings;
}

Status apply_uri(consul::ClientSettings& settings, std::string_view uri, bool compatible) {
  const std::size_t colon = uri.find(':');
  const std::string scheme(uri.substr(0, colon));
  const std::string shown = base::log_value(uri);
  if (colon == std::string_view::npos) return fail(Errc::rejected, "not a registry URI: " + shown);
  std::string_view rest = uri.substr(colon + 1);
  const bool authority = rest.starts_with("//");
  if (authority) rest.remove_prefix(2);
  if (scheme == "consulkv" || scheme == "consulkv-unix")
    return fail(Errc::rejected, scheme + ": not supported yet; use consul://");
  if (scheme == "consul-unix") {
    if (!rest.starts_with('/')) return fail(Errc::rejected, "consul-unix:///path/to.sock is meant, not " + shown);
    settings.endpoint = {net::Endpoint::Kind::unix_socket, {}, 0, std::string(rest), false, {}};
    return {};
  }
  if (scheme != "consul" && scheme != "consul-tls")
    return fail(Errc::rejected, "only Consul is supported as a registry, not " + base::log_value(scheme));
  // Path, query and user information are ignored, as Registrator does.
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (!authority && !rest.empty()) {
    // Registrator falls back to its default address without a word.
    if (!compatible) return fail(Errc::rejected, "did you mean " + scheme + "://" + std::string(rest) + "?");
    rest = {};
  }
  if (!rest.empty()) {
    LS_TRY(endpoint, net::parse_host_port(rest, 8500));
    if (endpoint.host.empty()) endpoint.host = "127.0.0.1";
    endpoint.tls = settings.endpoint.tls;
    settings.endpoint = endpoint;
  }
  if (scheme == "consul-tls") settings.endpoint.tls = true;
  return {};
}

Result<AgentSetup> agent_setup(const cli::Parsed& parsed, const cli::Environment& environment, bool compatible) {
  const std::vector<std::string>& given = parsed.positionals;
  if (given.size() > 1) return fail(Errc::invalid_input, "extra arguments after the registry URI: " + given[1]);
  if (given.empty() && compatible) return fail(Errc::invalid_input, "missing required argument for registry URI");
  AgentSetup setup;
  LS_TRY(options, peer_values(parsed, compatible));
  setup.config.options = options;
  if (!compatible) {
    LS_TRY_STATUS(own_values(parsed, setup.config.options));
    setup.state_dir = parsed.text("state-dir");
  }
  LS_TRY(docker, docker_settings(environment, compatible, file_exists));
  setup.config.docker = docker;
  LS_TRY(consul, consul::settings_from_environment(environment));
  setup.config.consul = consul;
  setup.config.consul.limits.first_byte = std::chrono::seconds(10);
  LS_TRY_STATUS(apply_uri(setup.config.consul, given.empty() ? "consul:" : given.front(), compatible));
  if (parsed.is_set("retry-attempts"))
    setup.config.retries.attempts = static_cast<int>(parsed.integer("retry-attempts"));
  setup.config.retries.interval = std::chrono::milliseconds(parsed.integer("retry-interval"));
  return setup;
}

}  // namespace longshore::agent
