#include "common/base/text.h"
#include "common/consul/environment_name.h"
#include "common/main/consul_calls.h"
#include "common/main/process_options.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"
#include "common/proxy/proxy.h"

namespace longshore::app {
namespace {

// A path, unix://PATH, or tcp://ADDRESS:PORT.
Status add_place(proxy::ProxyConfig& config, const std::string& text) {
  if (text.starts_with("tcp://")) {
    LS_TRY(where, net::parse_url(text, 2376));
    if (config.listen_tls) return fail(Errc::invalid_input, "-listen: one tcp:// address only");
    config.listen_tls = std::move(where);
    return {};
  }
  const std::string path = text.starts_with("unix://") ? text.substr(7) : text;
  if (!path.starts_with('/'))
    return fail(Errc::invalid_input,
                "-listen: give the absolute path of a socket file, or tcp://ADDRESS:PORT: " + text);
  if (!config.listen.empty()) return fail(Errc::invalid_input, "-listen: one socket file only");
  config.listen = path;
  return {};
}

Result<proxy::ProxyConfig> config_of(const cli::Parsed& parsed, const Invocation& invocation) {
  proxy::ProxyConfig config;
  for (const std::string& text : parsed.list("listen")) LS_TRY_STATUS(add_place(config, text));
  if (config.listen.empty() && !config.listen_tls)
    return fail(Errc::invalid_input, "-listen: say where, for example -listen /run/longshore/docker.sock");
  config.tls.ca_file = parsed.text("tlscacert");
  config.tls.cert_file = parsed.text("tlscert");
  config.tls.key_file = parsed.text("tlskey");
  if (config.listen_tls && (config.tls.ca_file.empty() || config.tls.cert_file.empty() || config.tls.key_file.empty()))
    return fail(Errc::invalid_input,
                "-listen tcp://: only for clients with a certificate: give -tlscacert, -tlscert and -tlskey");
  const std::string text = parsed.text("docker-host");
  LS_TRY(endpoint, net::parse_url(text.starts_with("/") ? "unix://" + text : text, 0));
  if (endpoint.kind != net::Endpoint::Kind::unix_socket)
    return fail(Errc::invalid_input, "-docker-host: only a unix socket can be stood in for");
  if (endpoint.path == config.listen)
    return fail(Errc::invalid_input, "-listen and -docker-host name the same socket: " + config.listen);
  config.engine.endpoint = std::move(endpoint);
  LS_TRY(consul, consul_settings(parsed, invocation));
  config.consul = std::move(consul);
  config.gatekeeper.limit = parsed.duration("limit");
  config.gatekeeper.finish = parsed.duration("drain-time");
  config.gatekeeper.gap_time = parsed.duration("gap-time");
  config.gatekeeper.finish_chosen = parsed.is_set("drain-time");
  if (const std::string& env = parsed.text("env"); !env.empty()) config.gatekeeper.kv_prefix += env + "/";
  config.gatekeeper.by = "docker-proxy " + base::join(parsed.list("listen"), ",");
  return config;
}

}  // namespace

cli::Command docker_proxy_command() {
  cli::Command command;
  command.name = "docker-proxy";
  command.summary = "A Docker socket through which stopping a container drains it first.";
  command.usage = {"longshore docker-proxy -listen PATH [options]"};
  command.options =
      cli::OptionTable(
          {
              {.names = {"listen"},
               .kind = cli::Kind::list,
               .value_name = "PATH",
               .help = "Our socket: mode 0660, the group of the engine's own. Point DOCKER_HOST at it. Also "
                       "tcp://ADDRESS:PORT, for clients with a certificate.",
               .env = {"LONGSHORE_PROXY_LISTEN"}},
              {.names = {"tlscacert"},
               .value_name = "FILE",
               .help = "tcp: the CA of the clients' certificates.",
               .env = {"LONGSHORE_PROXY_TLSCACERT"}},
              {.names = {"tlscert"},
               .value_name = "FILE",
               .help = "tcp: our certificate.",
               .env = {"LONGSHORE_PROXY_TLSCERT"}},
              {.names = {"tlskey"}, .value_name = "FILE", .help = "tcp: its key.", .env = {"LONGSHORE_PROXY_TLSKEY"}},
              {.names = {"docker-host"},
               .value_name = "ADDR",
               .help = "The engine's socket.",
               .fallback = "unix:///var/run/docker.sock",
               .env = {"LONGSHORE_PROXY_DOCKER_HOST"}},
              {.names = {"limit"},
               .kind = cli::Kind::duration,
               .help = "A call passes after this long, drained or not.",
               .fallback = "30s",
               .env = {"LONGSHORE_PROXY_LIMIT"}},
              {.names = {"drain-time"},
               .kind = cli::Kind::duration,
               .help = "Of it, for requests that the load balancers' older workers still have.",
               .fallback = "5s",
               .env = {"LONGSHORE_DRAIN_TIME"}},
              {.names = {"gap-time"},
               .kind = cli::Kind::duration,
               .help =
                   "A service whose only instance was ended stays in Consul so long, critical: its sites answer 503 "
                   "with Retry-After instead of 404. Until another one serves; 0s: not at all.",
               .fallback = "1m0s",
               .env = {"LONGSHORE_PROXY_GAP_TIME"}},
              {.names = {"env"},
               .value_name = "NAME",
               .help = "Environment: records are below longshore/NAME/ in Consul's KV.",
               .env = {"LONGSHORE_ENV"},
               .check = consul::check_environment},
          })
          .with(consul_options())
          .with(http_options("proxy", "127.0.0.1:8514"))
          .with(log_options());
  command.sections = {
      {"What it does",
       {"Passes the Docker API through byte for byte, streams and upgrades included. `docker stop`, `restart`, `rm -f` "
        "and `kill` with KILL or the stop signal wait here: the container is drained (see `longshore drain`), and the "
        "call "
        "goes on when every load balancer that uses its services has settled without it. What cannot be drained passes "
        "after -limit. Of a service with several instances one is ended at a time, on all hosts, and only while "
        "another "
        "one passes at all load balancers. A service of one instance is not served in between: its sites answer 503 "
        "with "
        "Retry-After (-gap-time), and that gap is measured, logged and counted. Under Consul's ACLs the entry needs "
        "service:write for the service; without it there is a line gap_not_announced, and 404 as for a site that "
        "nobody knows. A client that goes away before its call passed changes nothing.",
        "It is a process of its own with the engine's socket; the agent only reads. Whoever may open its socket may do "
        "all "
        "that the engine can: its mode and group are those of the engine's own."}},
      {"Examples",
       {"longshore docker-proxy -listen /run/longshore/docker.sock",
        "DOCKER_HOST=unix:///run/longshore/docker.sock docker-compose up -d"}},
      {"Exit codes", {"0 stopped, 1 failed, 2 wrong call"}}};
  return command;
}

std::string pages_of_docker_proxy(const Invocation& invocation) {
  const auto options = read_options(docker_proxy_command(), invocation);
  const auto* parsed = std::get_if<cli::Parsed>(&options);
  return parsed == nullptr ? std::string() : parsed->text("http-addr");
}

int run_docker_proxy(const Invocation& invocation) {
  const auto options = read_options(docker_proxy_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  Result<proxy::ProxyConfig> config = config_of(parsed, invocation);
  if (!config) return complain("longshore docker-proxy: " + config.error().text, 2);
  const auto address = http_address(parsed);
  if (!address) return complain(address.error().text, 2);
  const Result<status::LogOptions> log_settings = log_options_of(parsed, "docker-proxy");
  if (!log_settings) return complain(log_settings.error().text, 2);
  status::Log log(*log_settings);
  Supervisor supervisor({}, log);
  const std::string serves = base::join(parsed.list("listen"), ", ") + " -> " + net::to_string(config->engine.endpoint);
  proxy::Proxy proxy(supervisor.executor(), std::move(*config), log);
  Component component;
  component.name = "docker-proxy";
  component.start = [&proxy](async::TaskGroup& tasks) { return proxy.start(tasks); };
  component.run = [&proxy] { return proxy.run(); };
  component.request_stop = [&proxy] { proxy.request_stop(); };
  component.source = proxy.source();
  component.status_address = *address;
  component.address = [serves] { return serves; };
  supervisor.add(std::move(component));
  return supervisor.run();
}

}  // namespace longshore::app
