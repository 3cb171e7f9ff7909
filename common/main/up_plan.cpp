#include "common/main/up_plan.h"

#include <unistd.h>

#include <algorithm>

#include "agent/config_file.h"
#include "common/main/agent_component.h"
#include "common/main/process_options.h"
#include "common/main/registry_component.h"

namespace longshore::app {
namespace {

constexpr const char* kAgent = "agent.";
constexpr const char* kRender = "render.";
constexpr const char* kRegistry = "registry.";

cli::OptionTable agent_table() {
  return agent::agent_options(false);
}
// -template is an option of its own here.
cli::OptionTable render_table() {
  return render::render_options().without({"once", "once-timeout", "dry", "parse-only", "print-config"});
}

Status check_registry_address(std::string_view text) {
  if (text.empty()) return {};
  LS_TRY_STATUS(registry_address(std::string(text)));
  return {};
}

cli::Option address(const std::string& name, const std::string& fallback, const std::string& variable,
                    const std::string& help) {
  cli::Option option = address_option(name, fallback, variable);
  option.help = help;
  return option;
}

cli::OptionTable own_table() {
  cli::Option registry = address("registry-addr", "127.0.0.1:8500", "LONGSHORE_REGISTRY_HTTP_ADDR",
                                 "The embedded registry; empty: none, agent and renderer use CONSUL_HTTP_ADDR.");
  registry.check = check_registry_address;
  return cli::OptionTable({
      std::move(registry),
      address("agent-addr", "127.0.0.1:8511", "LONGSHORE_AGENT_HTTP_ADDR",
              "The agent's status pages; empty switches them off."),
      address("renderer-addr", "127.0.0.1:8512", "LONGSHORE_RENDER_HTTP_ADDR",
              "The renderer's status pages; empty switches them off."),
      {.names = {"template"},
       .kind = cli::Kind::list,
       .value_name = "SOURCE:DESTINATION[:COMMAND]",
       .help = "As of longshore render; without any, and without a configuration, there is no renderer.",
       .check = render_table().find("template")->check},
      {.names = {"config"},
       .kind = cli::Kind::list,
       .value_name = "PATH",
       .help = "Configuration, as of longshore render; its agent {} block is the agent's."},
  });
}

cli::OptionTable grouped(cli::OptionTable table, const std::string& prefix) {
  std::vector<cli::Option> options = table.prefixed(prefix).all();
  for (cli::Option& option : options) option.group = "As of longshore " + prefix.substr(0, prefix.size() - 1);
  return cli::OptionTable(std::move(options));
}

Result<std::optional<net::Endpoint>> optional_address(const std::string& text) {
  if (text.empty()) return std::optional<net::Endpoint>();
  LS_TRY(endpoint, net::parse_url(text, 0));
  if (endpoint.kind == net::Endpoint::Kind::tcp && endpoint.host.empty()) endpoint.host = "127.0.0.1";
  return std::optional<net::Endpoint>(std::move(endpoint));
}

// Where the parts find the registry: a wildcard is listened on, not connected to.
net::Endpoint reachable(net::Endpoint endpoint) {
  if (endpoint.host == "0.0.0.0") endpoint.host = "127.0.0.1";
  if (endpoint.host == "::") endpoint.host = "::1";
  return endpoint;
}

std::string as_option(const net::Endpoint& endpoint) {
  if (endpoint.kind == net::Endpoint::Kind::unix_socket) return "unix://" + endpoint.path;
  return net::join_host_port(endpoint.host, endpoint.port);
}

// How to reach another Consul than ours.
cli::Environment without_consul(cli::Environment environment) {
  for (const char* name :
       {"CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "CONSUL_HTTP_TOKEN_FILE", "CONSUL_TOKEN", "CONSUL_TOKEN_FILE",
        "CONSUL_HTTP_AUTH", "CONSUL_HTTP_SSL", "CONSUL_HTTP_SSL_VERIFY", "CONSUL_CACERT", "CONSUL_CAPATH",
        "CONSUL_CLIENT_CERT", "CONSUL_CLIENT_KEY", "CONSUL_TLS_SERVER_NAME", "CONSUL_NAMESPACE", "CONSUL_PARTITION"})
    environment.erase(name);
  return environment;
}

Result<registry::Options> own_registry(const cli::Parsed& parsed, const std::string& own_token) {
  LS_TRY(settings, registry_settings(parsed.part(kRegistry, registry_options())));
  LS_TRY(listen, registry_address(parsed.text("registry-addr")));
  if (listen.kind == net::Endpoint::Kind::tcp && listen.port == 0)
    return fail(Errc::invalid_input, "-registry-addr: agent and renderer must know the port, 0 is none");
  settings.listen = std::move(listen);
  if (!settings.token_file.empty()) settings.own_token = own_token;
  return settings;
}

// As options, so that they win over what a configuration file says of Consul, now and when it is read again.
Status point_renderer(cli::Parsed& render, const registry::Options& registry) {
  const auto set = [&](const char* name, const std::string& value) {
    return render.set(cli::Origin::option, name, value, "-registry-addr");
  };
  LS_TRY_STATUS(set("consul-addr", as_option(reachable(registry.listen))));
  LS_TRY_STATUS(set("consul-ssl", "false"));
  LS_TRY_STATUS(set("consul-token", registry.own_token));
  return set("consul-token-file", "");
}

}  // namespace

cli::OptionTable up_options() {
  return own_table()
      .with(log_options())
      .with(grouped(registry_options().without({"http-addr"}), kRegistry))
      .with(grouped(agent_table(), kAgent))
      .with(grouped(render_table(), kRender));
}

Result<UpPlan> read_up_plan(const cli::Parsed& parsed, const cli::Environment& environment,
                            const std::string& own_token) {
  UpPlan plan;
  LS_TRY(agent_pages, optional_address(parsed.text("agent-addr")));
  LS_TRY(render_pages, optional_address(parsed.text("renderer-addr")));
  plan.agent_pages = std::move(agent_pages);
  plan.render_pages = std::move(render_pages);
  cli::Parsed agent = parsed.part(kAgent, agent_table());
  cli::Parsed render = parsed.part(kRender, render::render_options());
  cli::Environment for_agent = environment;
  cli::Environment for_render = environment;
  if (!parsed.text("registry-addr").empty()) {
    LS_TRY(registry, own_registry(parsed, own_token));
    for_agent = without_consul(environment);
    if (!render.is_set_by("consul-addr", cli::Origin::option)) {
      for_render = for_agent;
      LS_TRY_STATUS(point_renderer(render, registry));
    }
    plan.registry = std::move(registry);
  }
  const cli::Parsed typed = agent;
  LS_TRY(remarks, agent::read_config_files(parsed.list("config"), agent_file_options(), for_agent, agent));
  plan.remarks = std::move(remarks);
  // The registry beside it is the one.
  if (plan.registry) agent.positionals.clear();
  LS_TRY(setup, agent::agent_setup(agent, for_agent, false));
  plan.agent = std::move(setup);
  plan.agent_options.emplace([typed] { return typed; }, agent, plan.agent.config.options, parsed.list("config"),
                             agent_file_options, for_agent, plan.registry.has_value());
  if (plan.registry) {
    plan.agent.config.consul.endpoint = reachable(plan.registry->listen);
    plan.agent.config.consul.token = plan.registry->own_token;
  }
  for (const std::string& text : parsed.list("template"))
    LS_TRY_STATUS(render.set(cli::Origin::option, "template", text, "flag -template"));
  for (const std::string& path : parsed.list("config"))
    LS_TRY_STATUS(render.set(cli::Origin::option, "config", path, "flag -config"));
  const bool has_default = ::access(render::kDefaultFile, R_OK) == 0;
  if (render.list("template").empty() && render.list("config").empty() && !has_default) return plan;
  auto loaded = render::load(render, for_render, render::Name::own);
  if (!loaded) return fail(Errc::invalid_input, loaded.error().text);
  for (std::string& remark : loaded->remarks)
    if (std::ranges::find(plan.remarks, remark) == plan.remarks.end()) plan.remarks.push_back(std::move(remark));
  plan.render = std::move(loaded->config);
  plan.render->reread = render::reread_of(std::move(render), std::move(for_render), render::Name::own);
  return plan;
}

}  // namespace longshore::app
