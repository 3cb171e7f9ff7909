#include "common/base/text.h"
#include "common/main/consul_calls.h"
#include "common/main/deploy_options.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

constexpr int kMost = 1000;

Result<int> number_of(const std::string& word) {
  if (word.empty() || word.size() > 4 || word.find_first_not_of("0123456789") != std::string::npos)
    return fail(Errc::invalid_input, "the number of instances is 0 to 1000, not " + base::log_value(word));
  const int number = std::stoi(word);
  if (number > kMost) return fail(Errc::invalid_input, "at most 1000 instances");
  return number;
}

}  // namespace

cli::Command scale_command() {
  cli::Command command;
  command.name = "scale";
  command.summary =
      "The number of a service's instances, spread over the engines; none is stopped before it is drained.";
  command.usage = {"longshore scale SERVICE N [options]"};
  command.options = engine_options().with(gate_options()).with(drain_options("60s"));
  command.sections = {
      {"What it does",
       {"Of the colour that serves, or of SERVICE where there are no colours. Further containers are made after one "
        "that "
        "runs, where the fewest are, and must pass their checks within -healthy-timeout, or they are removed again. "
        "Surplus ones are taken from where the most are: all load balancers must have said that they send them "
        "nothing more; then they are stopped, and removed if `deploy` or `scale` has made them. Of 0 instances all "
        "containers are kept, and the next scale starts them again.",
        "-batch so many at a time; without it all at once. ^C stops where it is."}},
      {"Variables",
       {"Every option has one, named above; options beat them. LONGSHORE_DEPLOY_SERVICE and LONGSHORE_SCALE_INSTANCES "
        "are "
        "SERVICE and N where the call has none."}},
      {"Examples",
       {"longshore scale books 4", "longshore scale books 4 -host a=tcp://10.0.0.1:2375 -host b=tcp://10.0.0.2:2375"}},
      {"Exit codes", {"0 there are N now, 1 not, 2 wrong call"}}};
  return command;
}

int run_scale(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 2;
  usage.parse.options_anywhere = true;
  const auto options = read_options(scale_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  const std::string service = service_of(parsed, invocation);
  std::string wanted;
  if (parsed.positionals.size() == 2)
    wanted = parsed.positionals[1];
  else if (const auto found = invocation.environment.find("LONGSHORE_SCALE_INSTANCES");
           found != invocation.environment.end())
    wanted = base::trim(found->second);
  if (service.empty() || wanted.empty()) return complain("longshore scale: say which service, and how many", 2);
  if (!is_service_name(service))
    return complain("longshore scale: a service's name has letters, digits, - and _, not " + base::log_value(service),
                    2);
  const Result<int> number = number_of(wanted);
  if (!number) return complain("longshore scale: " + number.error().text, 2);
  Result<consul::ClientSettings> consul = consul_settings(parsed, invocation);
  if (!consul) return complain("longshore scale: " + consul.error().text, 2);
  Result<std::vector<EngineAt>> engines = engines_of(parsed, invocation);
  if (!engines) return complain("longshore scale: " + engines.error().text, 2);
  DrainCall call(std::move(*consul), kv_prefix_of(parsed));
  EngineCalls docker(call.context.get_executor(), std::move(*engines));
  Teller tell(parsed.boolean("json"));
  DeployOrder order = order_of(parsed, invocation, service);
  order.roll = roll_of(parsed, order, deploy::RollPlan::Kind::scale);
  order.roll->hosts = docker.names();
  order.roll->instances = *number;
  if (!parsed.is_set("batch")) order.roll->batch = kMost;
  return DeployRun(call, docker, tell, std::move(order)).run();
}

}  // namespace longshore::app
