#include "common/main/process_options.h"
#include "common/main/render_component.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"
#include "renderer/settings/print.h"

namespace longshore::app {
namespace {

// consul-template's codes, under both names.
constexpr const char* kPages = "127.0.0.1:8512";
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
Result<std::optional<net::Endpoint>> pages_address(const render::settings::Settings& settings,
                                                   const render::RenderConfig& config) {
  const bool one_shot = config.machine.once || config.machine.parse_only;
  const std::string text = settings.http_addr.value_or(one_shot ? "" : kPages);
  if (text.empty()) return std::optional<net::Endpoint>();
  LS_TRY(endpoint, net::parse_url(text, 0));
  return std::optional<net::Endpoint>(std::move(endpoint));
}

int refuse(const render::LoadError& error) {
  return complain(error.text, error.exit_code);
}

Result<status::LogOptions> log_settings_of(const render::settings::Settings& settings) {
  status::LogOptions options;
  LS_TRY(level, status::parse_level(settings.log_level.value_or("info")));
  options.level = level;
  const std::string format = settings.log_format.value_or("text");
  if (format != "text" && format != "json")
    return fail(Errc::invalid_input, "invalid log format \"" + format + "\": use text or json");
  options.format = format == "json" ? status::LogFormat::json : status::LogFormat::key_value;
  options.component = "render";
  return options;
}

}  // namespace

cli::Command render_command() {
  cli::Command command;
  command.name = "render";
  command.summary = "Render templates from Consul's data and tell programs about changes.";
  command.usage = {"longshore render [options]"};
  command.options = render::render_options()
                        .with(http_options("render", kPages))
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
  const render::Name name = compatible ? render::Name::compatible : render::Name::own;
  // The order is consul-template's: a configuration that cannot be read shows even with -v.
  auto merged = render::load_settings(parsed, invocation.environment, name);
  if (!merged) return refuse(merged.error());
  const Result<status::LogOptions> log_settings = log_settings_of(merged->settings);
  if (!log_settings) return complain(log_settings.error().text, kConfiguration);
  if (parsed.boolean("version")) return run_version({});
  if (parsed.boolean("print-config")) {
    print(render::settings::print(merged->settings));
    return 0;
  }
  auto loaded = render::finish(std::move(*merged), invocation.environment, name);
  if (!loaded) return refuse(loaded.error());
  std::optional<net::Endpoint> address;
  if (!compatible) {
    const Result<std::optional<net::Endpoint>> pages = pages_address(loaded->settings, loaded->config);
    if (!pages) return complain(pages.error().text, kConfiguration);
    address = *pages;
  }
  status::Log log(*log_settings);
  for (const std::string& remark : loaded->remarks)
    log.write({base::Level::warn, "configuration", {{"remark", remark}}});
  Supervisor supervisor(rules_of(compatible), log);
  RenderComponent render(supervisor.executor(), std::move(loaded->config), log);
  supervisor.add(render.component(std::move(address)));
  return supervisor.run();
}

}  // namespace longshore::app
