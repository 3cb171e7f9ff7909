#include "common/async/gate.h"
#include "common/main/process_options.h"
#include "common/main/registry_component.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"

namespace longshore::app {

cli::Command registry_command() {
  cli::Command command;
  command.name = "registry";
  command.summary = "Run the embedded registry of one host: Consul's HTTP API with blocking queries.";
  command.usage = {"longshore registry [options]"};
  command.about = {"For one host. Where there are several, run Consul: agent and renderer speak to both."};
  command.options = registry_options().with(log_options());
  command.sections = {{"Signals", {"TERM and INT stop in order; HUP reads -token-file again."}},
                      {"Exit codes", {"0 stopped by TERM or INT, 1 failed, 2 wrong call"}}};
  return command;
}

std::string pages_of_registry(const Invocation& invocation) {
  const auto options = read_options(registry_command(), invocation);
  const auto* parsed = std::get_if<cli::Parsed>(&options);
  if (parsed == nullptr) return "";
  // Without a port it is not the one that others would take.
  const Result<net::Endpoint> where = registry_address(parsed->text("http-addr"));
  if (!where || where->kind != net::Endpoint::Kind::tcp) return parsed->text("http-addr");
  return net::join_host_port(where->host, where->port);
}

int run_registry(const Invocation& invocation) {
  const auto options = read_options(registry_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  const Result<registry::Options> settings = registry_settings(parsed);
  if (!settings) return complain(settings.error().text, 2);
  const Result<status::LogOptions> log_settings = log_options_of(parsed, "registry");
  if (!log_settings) return complain(log_settings.error().text, 2);
  status::Log log(*log_settings);
  Supervisor supervisor({}, log);
  RegistryComponent registry(supervisor.executor(), *settings, log);
  supervisor.add(registry.component());
  return supervisor.run();
}

}  // namespace longshore::app
