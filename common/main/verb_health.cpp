#include "common/base/text.h"
#include "common/main/health_target.h"
#include "common/main/http_fetch.h"
#include "common/main/process_options.h"
#include "common/main/verbs.h"

namespace longshore::app {

cli::Command health_command() {
  cli::Command command;
  command.name = "health";
  command.summary = "Ask a running component whether it is well; for HEALTHCHECK and scripts.";
  command.usage = {"longshore health [options]"};
  command.options = cli::OptionTable({
      {.names = {"addr"},
       .value_name = "ADDR",
       .help = "Address of the component: agent 127.0.0.1:8511, renderer 127.0.0.1:8512, registry 127.0.0.1:8500.",
       .fallback_text = "see below",
       .check = check_address},
      {.names = {"ready"},
       .kind = cli::Kind::boolean,
       .help = "Ask /readyz (first full sync done and not stale) instead of /healthz (the process runs)."},
      {.names = {"timeout"}, .kind = cli::Kind::duration, .help = "Limit for each phase.", .fallback = "3s"},
  });
  command.sections = {
      {"Whom it asks",
       {"Without -addr: in a container whose process 1 is longshore, that one, wherever its options, variables and "
        "files "
        "put its pages; of longshore up the agent. Where these are switched off, it is well as long as it runs.",
        "Else the first of LONGSHORE_HTTP_ADDR, LONGSHORE_AGENT_HTTP_ADDR, LONGSHORE_RENDER_HTTP_ADDR, "
        "LONGSHORE_REGISTRY_HTTP_ADDR and LONGSHORE_PROXY_HTTP_ADDR that is set, else 127.0.0.1:8511."}},
      {"Exit codes", {"0 well, 1 not well or no answer, 2 wrong call"}}};
  return command;
}

int run_health(const Invocation& invocation) {
  const auto options = read_options(health_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  HealthTarget target{parsed.text("addr")};
  if (target.address.empty())
    target = health_target(read_first_process(invocation.environment), invocation.environment);
  if (target.address.empty()) {
    const std::string what = target.runs.value_or("it") + " runs and serves no status pages";
    if (parsed.boolean("ready")) return complain(what, 1);
    print(what + "\n");
    return 0;
  }
  const Result<net::Endpoint> endpoint = net::parse_url(target.address, 8511);
  if (!endpoint) return complain(endpoint.error().text, 2);
  const std::string path = parsed.boolean("ready") ? "/readyz" : "/healthz";
  const Result<Fetched> answer = http_get(*endpoint, path, parsed.duration("timeout"));
  if (!answer) return complain(answer.error().text, 1);
  print(std::string(base::trim(answer->body)) + "\n");
  return answer->status == 200 ? 0 : 1;
}

}  // namespace longshore::app
