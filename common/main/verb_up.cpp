#include <unistd.h>

#include "common/main/agent_component.h"
#include "common/main/process_options.h"
#include "common/main/registry_component.h"
#include "common/main/render_component.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"

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

cli::Option address_option(const std::string& name, const std::string& fallback, const std::string& help) {
  cli::Option option;
  option.names = {name};
  option.value_name = "ADDR";
  option.help = help;
  option.fallback = fallback;
  option.check = check_address;
  return option;
}

cli::OptionTable own_table() {
  return cli::OptionTable({
      address_option("registry-addr", "127.0.0.1:8500",
                     "The embedded registry; empty: none, agent and renderer use CONSUL_HTTP_ADDR."),
      address_option("agent-addr", "127.0.0.1:8511", "The agent's status pages; empty switches them off."),
      address_option("renderer-addr", "127.0.0.1:8512", "The renderer's status pages; empty switches them off."),
      {.names = {"template"},
       .kind = cli::Kind::list,
       .value_name = "SOURCE:DESTINATION[:COMMAND]",
       .help = "As of longshore render; without any, and without a configuration, there is no renderer.",
       .check = render_table().find("template")->check},
      {.names = {"config"},
       .kind = cli::Kind::list,
       .value_name = "PATH",
       .help = "Configuration of the renderer, as of longshore render."},
  });
}

cli::OptionTable grouped(cli::OptionTable table, const std::string& prefix) {
  std::vector<cli::Option> options = table.prefixed(prefix).all();
  for (cli::Option& option : options) option.group = "As of longshore " + prefix.substr(0, prefix.size() - 1);
  return cli::OptionTable(std::move(options));
}

// All that the three need, read before anything starts.
struct Plan {
  std::optional<registry::Options> registry;
  agent::AgentSetup agent;
  std::optional<render::RenderConfig> render;
};

Result<std::optional<net::Endpoint>> optional_address(const std::string& text) {
  if (text.empty()) return std::optional<net::Endpoint>();
  LS_TRY(endpoint, net::parse_url(text, 0));
  if (endpoint.kind == net::Endpoint::Kind::tcp && endpoint.host.empty()) endpoint.host = "127.0.0.1";
  return std::optional<net::Endpoint>(std::move(endpoint));
}

// Where the others find the registry: a wildcard is listened on, not connected to.
std::string reachable(const net::Endpoint& endpoint) {
  if (endpoint.host == "0.0.0.0") return net::join_host_port("127.0.0.1", endpoint.port);
  if (endpoint.host == "::") return net::join_host_port("::1", endpoint.port);
  return net::to_string(endpoint);
}

Result<Plan> read_plan(const cli::Parsed& parsed, const cli::Environment& environment) {
  Plan plan;
  LS_TRY(registry_address, optional_address(parsed.text("registry-addr")));
  cli::Parsed agent = parsed.part(kAgent, agent_table());
  cli::Parsed render = parsed.part(kRender, render::render_options());
  if (registry_address) {
    LS_TRY(settings, registry_settings(parsed.part(kRegistry, registry_options())));
    settings.listen = *registry_address;
    plan.registry = std::move(settings);
    agent.positionals = {"consul://" + reachable(*registry_address)};
    if (!render.is_set_by("consul-addr", cli::Origin::option))
      LS_TRY_STATUS(render.set(cli::Origin::option, "consul-addr", reachable(*registry_address), "-registry-addr"));
  }
  LS_TRY(setup, agent::agent_setup(agent, environment, false));
  plan.agent = std::move(setup);
  for (const std::string& text : parsed.list("template"))
    LS_TRY_STATUS(render.set(cli::Origin::option, "template", text, "flag -template"));
  for (const std::string& path : parsed.list("config"))
    LS_TRY_STATUS(render.set(cli::Origin::option, "config", path, "flag -config"));
  const bool has_default = ::access(render::kDefaultFile, R_OK) == 0;
  if (render.list("template").empty() && render.list("config").empty() && !has_default) return plan;
  auto loaded = render::load(render, environment, render::Name::own);
  if (!loaded) return fail(Errc::invalid_input, loaded.error().text);
  plan.render = std::move(loaded->config);
  plan.render->reread = render::reread_of(std::move(render), environment, render::Name::own);
  return plan;
}

}  // namespace

cli::Command up_command() {
  cli::Command command;
  command.name = "up";
  command.summary = "Run registry, agent and renderer of one host in one process.";
  command.usage = {"longshore up [options]"};
  command.options = own_table()
                        .with(log_options())
                        .with(grouped(registry_options().without({"http-addr"}), kRegistry))
                        .with(grouped(agent_table(), kAgent))
                        .with(grouped(render_table(), kRender));
  command.sections = {{"Exit codes", {"0 stopped, 1 failed, 2 wrong call; a part that ends by itself gives its own"}}};
  return command;
}

int run_up(const Invocation& invocation) {
  const auto options = read_options(up_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  Result<Plan> plan = read_plan(parsed, invocation.environment);
  if (!plan) return complain(plan.error().text, 2);
  const Result<status::LogOptions> log_settings = log_options_of(parsed, "up");
  if (!log_settings) return complain(log_settings.error().text, 2);
  const auto agent_pages = optional_address(parsed.text("agent-addr"));
  const auto render_pages = optional_address(parsed.text("renderer-addr"));
  if (!agent_pages) return complain(agent_pages.error().text, 2);
  if (!render_pages) return complain(render_pages.error().text, 2);

  status::Log log(*log_settings);
  Supervisor supervisor({}, log);
  std::optional<RegistryComponent> registry;
  std::optional<RenderComponent> render;
  if (plan->registry) supervisor.add(registry.emplace(supervisor.executor(), *plan->registry, log).component());
  AgentComponent agent(supervisor.executor(), std::move(plan->agent), log);
  supervisor.add(agent.component(*agent_pages));
  if (plan->render)
    supervisor.add(render.emplace(supervisor.executor(), std::move(*plan->render), log).component(*render_pages));
  return supervisor.run();
}

}  // namespace longshore::app
