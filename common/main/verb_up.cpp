#include <random>

#include "common/main/agent_component.h"
#include "common/main/process_options.h"
#include "common/main/registry_component.h"
#include "common/main/render_component.h"
#include "common/main/supervisor.h"
#include "common/main/up_plan.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

// 256 bits of the system's, for this process's life only.
std::string make_own_token() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device device("/dev/urandom");
  std::string out;
  for (int word = 0; word < 8; ++word) {
    std::uint32_t bits = device();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) out += kDigits[bits & 15];
  }
  return out;
}

}  // namespace

cli::Command up_command() {
  cli::Command command;
  command.name = "up";
  command.summary = "Run registry, agent and renderer of one host in one process.";
  command.usage = {"longshore up [options]"};
  command.about = {
      "Agent and renderer use this registry: they get its address and, with -registry.token-file, a token of their "
      "own. "
      "What CONSUL_HTTP_ADDR and the other CONSUL_* variables say counts only where -registry-addr is empty."};
  command.options = up_options();
  command.sections = {
      {"Signals",
       {"TERM and INT stop in order, the registry last; HUP reads configuration (agent {} too), templates and "
        "-registry.token-file again, and lets the agent read everything anew."}},
      {"Exit codes", {"0 stopped, 1 failed, 2 wrong call; a part that ends by itself gives its own"}}};
  return command;
}

// Of the first part that has some: they are one process.
std::string pages_of_up(const Invocation& invocation) {
  const auto options = read_options(up_command(), invocation);
  const auto* parsed = std::get_if<cli::Parsed>(&options);
  if (parsed == nullptr) return "";
  const std::string& agent = parsed->text("agent-addr");
  return agent.empty() ? parsed->text("registry-addr") : agent;
}

int run_up(const Invocation& invocation) {
  const auto options = read_options(up_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  Result<UpPlan> plan = read_up_plan(parsed, invocation.environment, make_own_token());
  if (!plan) return complain(plan.error().text, 2);
  const Result<status::LogOptions> log_settings = log_options_of(parsed, "up");
  if (!log_settings) return complain(log_settings.error().text, 2);

  status::Log log(*log_settings);
  for (const std::string& remark : plan->remarks) log.write({base::Level::warn, "configuration", {{"remark", remark}}});
  Supervisor supervisor({}, log);
  std::optional<RegistryComponent> registry;
  std::optional<RenderComponent> render;
  if (plan->registry) supervisor.add(registry.emplace(supervisor.executor(), *plan->registry, log).component());
  AgentComponent agent(supervisor.executor(), std::move(plan->agent), log, std::move(plan->agent_options));
  supervisor.add(agent.component(plan->agent_pages));
  if (plan->render)
    supervisor.add(render.emplace(supervisor.executor(), std::move(*plan->render), log).component(plan->render_pages));
  return supervisor.run();
}

}  // namespace longshore::app
