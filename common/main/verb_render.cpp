#include "common/main/process_options.h"
#include "common/main/render_component.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

// consul-template's codes, under both names.
constexpr int kStopped = 12;
constexpr int kUsage = 13;
constexpr int kFailed = 14;
constexpr int kConfiguration = 15;

cli::OptionTable version_option() {
  return cli::OptionTable({{.names = {"v", "version"}, .kind = cli::Kind::boolean, .help = "Show the version."}});
}

cli::Command consul_template_command() {
  cli::Command command = render_command();
  command.name = "consul-template";
  command.usage = {"consul-template [options]"};
  command.options = render::render_options().with(log_options("warn", false)).with(version_option());
  command.sections = {{"Exit codes", {"0 done, 12 stopped by INT, 13 wrong call, 14 failed, 15 configuration"}}};
  return command;
}

SupervisorRules rules_of(bool compatible) {
  SupervisorRules rules;
  rules.failed_code = kFailed;
  if (!compatible) return rules;
  rules.stop = {SIGINT};
  rules.ignore = {SIGTERM};
  rules.stopped_code = kStopped;
  return rules;
}

// One-shot runs have nobody to show pages to, and would meet the running renderer's address.
Result<std::optional<net::Endpoint>> pages_address(const cli::Parsed& parsed) {
  const bool one_shot = parsed.boolean("once") || parsed.boolean("parse-only");
  if (one_shot && !parsed.is_set("http-addr")) return std::optional<net::Endpoint>();
  return http_address(parsed);
}

}  // namespace

cli::Command render_command() {
  cli::Command command;
  command.name = "render";
  command.summary = "Render templates from Consul's data and tell programs about changes.";
  command.usage = {"longshore render [options]"};
  command.options = render::render_options()
                        .with(http_options("render", "127.0.0.1:8512"))
                        .with(log_options("info", false))
                        .with(version_option());
  command.sections = {{"Signals", {"TERM and INT stop in order; HUP reads the templates again."}},
                      {"Exit codes", {"0 done or stopped, 13 wrong call, 14 failed, 15 configuration"}}};
  return command;
}

int run_render(const Invocation& invocation) {
  const bool compatible = invocation.compatible;
  UsageRules usage;
  usage.usage_code = kUsage;
  usage.parse.precedence = cli::Precedence::consul_template;
  const auto options = read_options(compatible ? consul_template_command() : render_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  const Result<status::LogOptions> log_settings = log_options_of(parsed, "render");
  if (!log_settings) return complain(log_settings.error().text, kConfiguration);
  if (parsed.boolean("version")) return run_version({});
  std::optional<net::Endpoint> address;
  if (!compatible) {
    const Result<std::optional<net::Endpoint>> pages = pages_address(parsed);
    if (!pages) return complain(pages.error().text, kUsage);
    address = *pages;
  }
  Result<render::RenderConfig> config = render::render_config(parsed, invocation.environment);
  if (!config)
    return complain(config.error().text, config.error().code == Errc::invalid_input ? kUsage : kConfiguration);
  status::Log log(*log_settings);
  Supervisor supervisor(rules_of(compatible), log);
  RenderComponent render(supervisor.executor(), std::move(*config), log);
  supervisor.add(render.component(std::move(address)));
  return supervisor.run();
}

}  // namespace longshore::app
