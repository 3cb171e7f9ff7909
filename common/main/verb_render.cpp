#include <algorithm>

#include "common/base/text.h"
#include "common/main/own_pid_file.h"
#include "common/main/process_options.h"
#include "common/main/render_component.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"
#include "common/status/build_info.h"
#include "renderer/settings/print.h"
#include "renderer/settings/restart.h"

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

// All but those that nobody can catch, and CHLD and URG. Source: consul-template, signals_unix.go; 0.20.1 also passed
// on the last three.
const std::vector<int>& signals_to_forward() {
  static const std::vector<int> numbers = {SIGABRT,  SIGALRM, SIGBUS,  SIGCONT, SIGFPE,    SIGHUP,   SIGILL,
                                           SIGINT,   SIGIO,   SIGPIPE, SIGPROF, SIGQUIT,   SIGSEGV,  SIGSYS,
                                           SIGTERM,  SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU,   SIGUSR1,  SIGUSR2,
                                           SIGWINCH, SIGXCPU, SIGXFSZ, SIGPWR,  SIGSTKFLT, SIGVTALRM};
  return numbers;
}

UsageRules render_usage() {
  UsageRules usage;
  usage.usage_code = kUsage;
  usage.parse.precedence = cli::Precedence::consul_template;
  return usage;
}

int number_of(const std::optional<render::settings::Signal>& signal) {
  return signal ? signal->number : 0;
}

// As consul-template: one signal stops, one reloads, every other one is for the supervised program. Under our own
// name TERM and INT stop in any case, and without such a program ^Z and ^\ keep their meaning.
SupervisorRules rules_of(const render::settings::Settings& settings, const render::RenderConfig& config,
                         bool compatible) {
  SupervisorRules rules;
  rules.failed_code = kFailed;
  const int kill = number_of(settings.kill_signal);
  const int reload = number_of(settings.reload_signal);
  rules.stop.clear();
  if (!compatible) rules.stop = {SIGTERM, SIGINT};
  if (kill != 0) rules.stop.push_back(kill);
  rules.reload.clear();
  if (reload != 0) rules.reload.push_back(reload);
  rules.forward = signals_to_forward();
  if (!compatible && !config.machine.child) rules.forward = {SIGHUP, SIGALRM, SIGUSR1, SIGUSR2};
  if (!compatible) return rules;
  rules.stopped_code = kStopped;
  rules.stop_notice = "Cleaning up...";
  rules.reload_notice = "Reloading configuration...";
  return rules;
}

// One-shot runs have nobody to show pages to, and would meet the running renderer's address.
std::string pages_text(const render::settings::Settings& settings) {
  const bool one_shot = settings.once.value_or(false) || settings.parse_only.value_or(false);
  return settings.http_addr.value_or(one_shot ? "" : kPages);
}

Result<std::optional<net::Endpoint>> pages_address(const render::settings::Settings& settings) {
  const std::string text = pages_text(settings);
  if (text.empty()) return std::optional<net::Endpoint>();
  LS_TRY(endpoint, net::parse_url(text, 0));
  return std::optional<net::Endpoint>(std::move(endpoint));
}

// Scripts compare the number: that of the consul-template whose behaviour this is.
int print_peer_version() {
  const status::BuildInfo build = status::build_info();
  print("consul-template v0.42.1 (longshore " + std::string(build.version) + ", " + std::string(build.commit) + ")\n");
  return 0;
}

int refuse(const render::LoadError& error) {
  return complain(error.text, error.exit_code);
}

// Files and syslog besides stderr.
Status add_sinks(status::Log& log, const render::settings::Settings& settings) {
  const auto& file = settings.log_file;
  if (!file.path.value_or("").empty()) {
    status::LogFileOptions options;
    options.path = *file.path;
    options.bytes = std::max<std::int64_t>(file.log_rotate_bytes.value_or(0), 0);
    options.duration = file.log_rotate_duration.value_or(options.duration);
    options.older_files = file.log_rotate_max_files.value_or(0);
    LS_TRY_STATUS(log.add_file(std::move(options)));
  }
  if (!settings.syslog.enabled.value_or(false)) return {};
  return log.add_syslog(
      {settings.syslog.facility.value_or("LOCAL0"), settings.syslog.name.value_or("consul-template")});
}

Result<status::LogOptions> log_settings_of(const render::settings::Settings& settings, bool compatible) {
  status::LogOptions options;
  LS_TRY(level, status::parse_level(settings.log_level.value_or("info")));
  options.level = level;
  const std::string format = settings.log_format.value_or("text");
  if (format != "text" && format != "json")
    return fail(Errc::invalid_input, "invalid log format \"" + format + "\": use text or json");
  options.format = compatible ? status::LogFormat::consul_template : status::LogFormat::key_value;
  if (format == "json") options.format = status::LogFormat::json;
  options.component = compatible ? "runner" : "render";
  return options;
}

// All but those that were said before.
void say_remarks(status::Log& log, const std::vector<std::string>& remarks, const std::vector<std::string>& said) {
  for (const std::string& remark : remarks)
    if (std::ranges::find(said, remark) == said.end())
      log.write({base::Level::warn, "configuration", {{"remark", remark}}});
}

void say_restart_keys(status::Log& log, const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  log.write({base::Level::warn,
             "restart_needed",
             {{"changed", base::join(keys, ", ")}, {"kept", "what it was at the start"}}});
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
  command.sections = {{"Signals",
                       {"TERM and INT stop in order; HUP reads configuration and templates again. With -exec the "
                        "others go to the program."}},
                      {"Exit codes", {"0 done or stopped, 13 wrong call, 14 failed, 15 configuration"}}};
  return command;
}

std::string pages_of_render(const Invocation& invocation) {
  if (invocation.compatible) return pages_of_variable(invocation.environment, "render");
  const auto options = read_options(render_command(), invocation, render_usage());
  const auto* parsed = std::get_if<cli::Parsed>(&options);
  if (parsed == nullptr) return "";
  // A file that has a mistake by now counts for nobody: who runs keeps what was.
  const auto merged = render::load_settings(*parsed, invocation.environment, render::Name::own);
  return merged ? pages_text(merged->settings) : parsed->text("http-addr");
}

int run_render(const Invocation& invocation) {
  const bool compatible = invocation.compatible;
  const UsageRules usage = render_usage();
  const auto options = read_options(compatible ? consul_template_command() : render_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  const render::Name name = compatible ? render::Name::compatible : render::Name::own;
  // The order is consul-template's: a configuration that cannot be read shows even with -v.
  auto merged = render::load_settings(parsed, invocation.environment, name);
  if (!merged) return refuse(merged.error());
  const Result<status::LogOptions> log_settings = log_settings_of(merged->settings, compatible);
  if (!log_settings) return complain(log_settings.error().text, kConfiguration);
  if (parsed.boolean("version")) return compatible ? print_peer_version() : run_version({});
  if (parsed.boolean("print-config")) {
    print(render::settings::print(merged->settings));
    return 0;
  }
  auto loaded = render::finish(std::move(*merged), invocation.environment, name);
  if (!loaded) return refuse(loaded.error());
  Result<std::optional<net::Endpoint>> address = std::nullopt;
  if (compatible)
    address = http_address_of_variable(invocation.environment, "render");
  else
    address = pages_address(loaded->settings);
  if (!address) return complain(address.error().text, kConfiguration);
  status::Log log(*log_settings);
  if (const Status added = add_sinks(log, loaded->settings); !added)
    return complain(added.error().text, kConfiguration);
  say_remarks(log, loaded->remarks, {});
  loaded->config.reread = render::reread_of(
      parsed, invocation.environment, name,
      [&log, before = loaded->settings, said = loaded->remarks](const render::Loaded& fresh) mutable -> Status {
        LS_TRY(settings, log_settings_of(fresh.settings, false));
        log.set_level(settings.level);
        say_remarks(log, fresh.remarks, said);
        said = fresh.remarks;
        say_restart_keys(log, render::settings::restart_keys(before, fresh.settings));
        return {};
      });
  OwnPidFile pid_file;
  if (const Status written = pid_file.write(loaded->settings.pid_file.value_or("")); !written)
    return complain(written.error().text, kFailed);
  Supervisor supervisor(rules_of(loaded->settings, loaded->config, compatible), log);
  RenderComponent render(supervisor.executor(), std::move(loaded->config), log);
  supervisor.add(render.component(std::move(*address)));
  return supervisor.run();
}

}  // namespace longshore::app
