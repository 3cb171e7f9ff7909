#include "agent/options.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>

#include "agent/core/ip_range.h"
#include "agent/core/metadata.h"
#include "agent/options_life.h"
#include "common/base/text.h"
#include "common/consul/environment_name.h"

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

// The items of a comma list, without the space around them.
std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string& item : base::split(text, ','))
    if (const std::string_view word = base::trim(item); !word.empty()) out.emplace_back(word);
  return out;
}

Status check_sources(std::string_view text) {
  for (const std::string& item : items_of(text)) {
    const bool word = item == "consul" || item == "route" || item == "hostname";
    if (word || (item.starts_with("interface:") && item.size() > 10) || parse_ip_range(item)) continue;
    return fail(Errc::invalid_input,
                "use consul, route, hostname, interface:NAME, an address or a range, not " + base::log_value(item));
  }
  return {};
}

std::optional<NameSource> name_source(std::string_view word) {
  if (word == "image") return NameSource::image;
  if (word == "compose") return NameSource::compose;
  if (word == "swarm") return NameSource::swarm;
  if (word == "container") return NameSource::container;
  return std::nullopt;
}

Status check_name_sources(std::string_view text) {
  for (const std::string& item : items_of(text))
    if (!name_source(item))
      return fail(Errc::invalid_input, "use image, compose, swarm or container, not " + base::log_value(item));
  return {};
}

// Registrator reads a number before it refuses it, with another exit code (peer_values).
Options peer_options(bool compatible) {
  const std::string group(kRegistrator);
  Options out = {
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
      {.names = {"tags"},
       .value_name = "LIST",
       .help = "Tags for every service, separated by commas; a Go template over the container.",
       .group = group},
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
       .help = "With consulkv the life of keys once this agent is gone, 10 or more; Consul's services have no TTL.",
       .fallback = "0",
       .group = group,
       .min = 0},
      {.names = {"ttl-refresh"},
       .kind = cli::Kind::integer,
       .value_name = "SECONDS",
       .help = "How often -ttl is renewed; both or none.",
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
  if (!compatible) return out;
  for (cli::Option& option : out) {
    if (option.names.front() == "retry-attempts") continue;
    option.min = std::numeric_limits<std::int64_t>::min();
    if (option.names.front() == "deregister") option.check = nullptr;
  }
  return out;
}

// Source: registrator.go, assert and the checks before the bridge is made: exit 1.
Status peer_refusals(const cli::Parsed& parsed) {
  const std::string& deregister = parsed.text("deregister");
  if (deregister != "always" && deregister != "on-success")
    return fail(Errc::rejected, "-deregister must be \"always\" or \"on-success\", not " + base::log_value(deregister));
  if (parsed.integer("retry-interval") <= 0) return fail(Errc::rejected, "-retry-interval must be greater than 0");
  return {};
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
      {.names = {"address-from"},
       .value_name = "LIST",
       .help = "Where the host address is from, first that has one: consul, route, hostname, interface:NAME, a range "
               "such as 10.0.0.0/8, an address.",
       .fallback_text = "consul,route,hostname",
       .env = {"LONGSHORE_AGENT_ADDRESS_FROM"},
       .group = group,
       .check = check_sources},
      {.names = {"network"},
       .value_name = "LIST",
       .help = "Networks whose address is a container's own, best first: names (with *), IDs or ranges.",
       .env = {"LONGSHORE_AGENT_NETWORK"},
       .group = group},
      {.names = {"prefer-ipv6"},
       .kind = cli::Kind::boolean,
       .help = "Register the IPv6 address where there are both; the other one is a tagged address.",
       .group = group},
      {.names = {"explicit-ports"},
       .kind = cli::Kind::boolean,
       .help = "Only ports with a SERVICE_<port>_NAME, or in SERVICE_PORTS.",
       .group = group},
      {.names = {"name-from"},
       .value_name = "LIST",
       .help = "Names of services without SERVICE_NAME, first that exists: image, compose, swarm, container.",
       .fallback_text = "image",
       .group = group,
       .check = check_name_sources},
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

Result<AgentOptions> peer_values(const cli::Parsed& parsed, bool compatible) {
  AgentOptions options;
  options.compatible = compatible;
  if (compatible) LS_TRY_STATUS(peer_refusals(parsed));
  // Registrator asks nobody and waits for nothing when -cleanup is given.
  if (compatible) options.probation = {};
  options.ip = parsed.text("ip");
  options.internal = parsed.boolean("internal");
  options.explicit_names = parsed.boolean("explicit");
  options.ip_label = parsed.text("useIpFromLabel");
  // A negative one is none.
  options.resync = std::chrono::seconds(std::max<std::int64_t>(0, parsed.integer("resync")));
  options.cleanup = parsed.boolean("cleanup");
  options.deregister = parsed.text("deregister") == "on-success" ? DeregisterWhen::on_success : DeregisterWhen::always;
  options.meta = parsed.text("meta") == "all" ? MetaChoice::all : MetaChoice::safe;
  const std::string& tags = parsed.text("tags");
  if (tags.find("{{") == std::string::npos) {
    options.tags = split_tags(tags);
  } else {
    auto parsed_tags = tmpl::registrator::TagTemplate::parse(tags);
    if (!parsed_tags) return fail(Errc::rejected, "-tags: " + parsed_tags.error().text);
    options.tag_template = std::make_shared<const tmpl::registrator::TagTemplate>(std::move(*parsed_tags));
  }
  const bool ttl = parsed.integer("ttl") != 0;
  const bool refresh = parsed.integer("ttl-refresh") != 0;
  if (ttl != refresh) return fail(Errc::rejected, "-ttl and -ttl-refresh must be specified together or not at all");
  if (ttl && parsed.integer("ttl") <= parsed.integer("ttl-refresh"))
    return fail(Errc::rejected, "-ttl must be greater than -ttl-refresh");
  return options;
}

Status own_values(const cli::Parsed& parsed, AgentOptions& options) {
  options.env = parsed.text("env");
  if (const Status fits = consul::check_environment(options.env); !fits)
    return fail(Errc::invalid_input, "-env: " + fits.error().text);
  options.hostname = parsed.text("hostname");
  options.address_from = items_of(parsed.text("address-from"));
  options.networks = items_of(parsed.text("network"));
  options.prefer_ipv6 = parsed.boolean("prefer-ipv6");
  options.explicit_ports = parsed.boolean("explicit-ports");
  for (const std::string& item : items_of(parsed.text("name-from")))
    if (const auto source = name_source(item)) options.name_from.push_back(*source);
  options.allow_loopback = parsed.boolean("allow-loopback");
  options.allow_exec_checks = parsed.boolean("allow-exec-checks");
  LS_TRY_STATUS(life_values(parsed, options));
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

// The lease is what -ttl asked of Registrator's etcd backends.
Result<KvStoreSettings> kv_settings(const cli::Parsed& parsed, const std::string& prefix, bool compatible) {
  // Of Consul's sessions.
  constexpr base::Duration kShortest = std::chrono::seconds(10);
  constexpr base::Duration kLongest = std::chrono::hours(24);
  KvStoreSettings out;
  out.prefix = prefix;
  out.lease = std::chrono::seconds(parsed.integer("ttl"));
  out.renew_every = std::chrono::seconds(parsed.integer("ttl-refresh"));
  const bool possible = out.lease.count() == 0 || (out.lease >= kShortest && out.lease <= kLongest);
  if (!possible && !compatible)
    return fail(Errc::invalid_input, "-ttl with consulkv is the life of a Consul session: 10 to 86400 seconds");
  if (!possible) out.lease = std::clamp(out.lease, kShortest, kLongest);
  return out;
}

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

cli::OptionTable agent_options(bool compatible) {
  Options options = peer_options(compatible);
  options.push_back(meta_option());
  cli::OptionTable table(std::move(options));
  return compatible ? table : table.with(cli::OptionTable(own_options())).with(life_options());
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
    LS_TRY(reap, reap_values(parsed, setup.config.options));
    setup.config.reap = reap;
    setup.state_dir = parsed.text("state-dir");
  }
  LS_TRY(docker, docker_settings(environment, compatible, file_exists));
  setup.config.docker = docker;
  LS_TRY(uri, parse_registry_uri(given.empty() ? "consul:" : given.front(), compatible));
  LS_TRY(consul, consul_settings(uri, environment));
  setup.config.consul = consul;
  setup.config.consul.limits.first_byte = std::chrono::seconds(10);
  if (!uri.prefix.empty()) {
    LS_TRY(kv, kv_settings(parsed, uri.prefix, compatible));
    setup.config.kv = kv;
    if (setup.config.options.reap_after.count() > 0)
      return fail(Errc::invalid_input, "-reap-after: consulkv has no nodes");
  }
  if (parsed.is_set("retry-attempts"))
    setup.config.retries.attempts = static_cast<int>(parsed.integer("retry-attempts"));
  setup.config.retries.interval = std::chrono::milliseconds(parsed.integer("retry-interval"));
  return setup;
}

}  // namespace longshore::agent
