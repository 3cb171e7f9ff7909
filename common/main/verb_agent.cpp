#include "agent/config_file.h"
#include "agent/reread.h"
#include "common/base/text.h"
#include "common/main/agent_component.h"
#include "common/main/process_options.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"
#include "common/status/build_info.h"

namespace longshore::app {
namespace {

constexpr int kUsage = 2;
constexpr int kAgentFailed = 1;

cli::Command registrator_command() {
  cli::Command command = agent_command();
  command.name = "registrator";
  command.usage = {"registrator [options] <registry URI>"};
  command.options = agent::agent_options(true);
  return command;
}

UsageRules agent_usage(bool compatible) {
  UsageRules rules;
  rules.parse.options_anywhere = !compatible;
  rules.most_positionals = 1;
  rules.help_on_stderr = compatible;
  return rules;
}

// What Registrator says before it does anything. User information of the URI stays out.
void say_as_registrator(status::Log& log, const cli::Parsed& parsed, const std::string& uri) {
  const auto say = [&](std::string text) { log.write({base::Level::info, {}, {{"text", std::move(text)}}}); };
  say("Starting registrator (longshore " + std::string(status::build_info().version) + ") ...");
  if (!parsed.text("ip").empty()) say("Forcing host IP to " + parsed.text("ip"));
  const std::size_t secret = uri.find('@');
  const std::size_t begin = uri.find("//");
  std::string shown = uri;
  if (secret != std::string::npos && begin != std::string::npos)
    shown = uri.substr(0, begin + 2) + uri.substr(secret + 1);
  say("Using " + uri.substr(0, uri.find(':')) + " adapter: " + shown);
}

}  // namespace

cli::OptionTable agent_file_options() {
  return agent::agent_options(false).with(http_options("agent", "127.0.0.1:8511")).with(log_options());
}

cli::Command agent_command() {
  cli::Command command;
  command.name = "agent";
  command.summary = "Register this host's containers in Consul.";
  command.usage = {"longshore agent [options] [URI]"};
  command.about = {
      "URI is consul://host:port, consul-tls://host:port, consul-unix:///path, consulkv://host:port/prefix, "
      "consulkv-unix:///path:/prefix or consul: (CONSUL_HTTP_ADDR, else "
      "127.0.0.1:8500), which is the default. Docker is found by DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH."};
  command.options = agent_file_options().with(agent::config_option());
  command.sections = {
      {"Configuration",
       {"Precedence: option, environment, file, default. The file is HCL or JSON; its block agent {} has the options "
        "of "
        "this list as keys, a dash may be an underscore, and uri for the URI. The blocks of others are left alone.",
        "  agent {", "    uri          = \"consul://127.0.0.1:8500\"", "    internal     = true",
        "    address-from = [\"route\", \"10.0.0.0/8\"]", "  }"}},
      {"Signals",
       {"TERM and INT stop in order and leave the registrations (-on-exit); HUP reads the configuration, Docker and "
        "Consul again. Of the configuration these count with the next start only, and the log says so: " +
        base::join(agent::restart_options(), ", ") + "."}},
      {"Exit codes", {"0 stopped, 1 failed, 2 wrong call"}}};
  return command;
}

std::string pages_of_agent(const Invocation& invocation) {
  if (invocation.compatible) return pages_of_variable(invocation.environment, "agent");
  auto options = read_options(agent_command(), invocation, agent_usage(false));
  if (!std::holds_alternative<cli::Parsed>(options)) return "";
  auto& parsed = std::get<cli::Parsed>(options);
  // A file that has a mistake by now counts for nobody: who runs keeps what was.
  [[maybe_unused]] const auto remarks =
      agent::read_config_files(parsed.list("config"), agent_file_options(), invocation.environment, parsed);
  return parsed.text("http-addr");
}

int run_agent(const Invocation& invocation) {
  const bool compatible = invocation.compatible;
  const UsageRules rules = agent_usage(compatible);
  const cli::Command command = compatible ? registrator_command() : agent_command();
  auto options = read_options(command, invocation, rules);
  if (const int* code = std::get_if<int>(&options)) return *code;
  auto& parsed = std::get<cli::Parsed>(options);
  Result<std::vector<std::string>> remarks = std::vector<std::string>();
  if (!compatible)
    remarks = agent::read_config_files(parsed.list("config"), agent_file_options(), invocation.environment, parsed);
  if (!remarks) return complain(remarks.error().text, kUsage);
  Result<agent::AgentSetup> setup = agent::agent_setup(parsed, invocation.environment, compatible);
  if (!setup) {
    // Registrator tells a wrong call (2) from one that it refuses after reading it (1).
    const bool refused = compatible && setup.error().code != Errc::invalid_input;
    return complain(setup.error().text, refused ? kAgentFailed : kUsage);
  }
  status::LogOptions log_settings;
  log_settings.component = compatible ? "registrator" : "agent";
  if (!compatible) {
    const Result<status::LogOptions> read = log_options_of(parsed, "agent");
    if (!read) return complain(read.error().text, kUsage);
    log_settings = *read;
  }
  Result<std::optional<net::Endpoint>> address = std::nullopt;
  if (compatible)
    address = http_address_of_variable(invocation.environment, "agent");
  else
    address = http_address(parsed);
  if (!address) return complain(address.error().text, kUsage);
  if (compatible) log_settings.format = status::LogFormat::consul_template;
  status::Log log(log_settings);
  if (compatible) say_as_registrator(log, parsed, parsed.positionals.front());
  for (const std::string& remark : *remarks) log.write({base::Level::warn, "configuration", {{"remark", remark}}});
  Supervisor supervisor({}, log);
  std::optional<agent::OptionReader> reader;
  // Typed without a mistake once, it is so again.
  const auto typed = [&] { return std::get<cli::Parsed>(read_options(agent_command(), invocation, rules)); };
  if (!compatible)
    reader.emplace(typed, parsed, setup->config.options, parsed.list("config"), agent_file_options,
                   invocation.environment, false);
  AgentComponent agent(supervisor.executor(), std::move(*setup), log, std::move(reader), [&log](const auto& fresh) {
    if (const auto settings = log_options_of(fresh, "agent")) log.set_level(settings->level);
  });
  supervisor.add(agent.component(std::move(*address)));
  return supervisor.run();
}

}  // namespace longshore::app
