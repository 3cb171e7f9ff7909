#include <algorithm>

#include "common/base/text.h"
#include "common/main/blocking_call.h"
#include "common/main/compose_call.h"
#include "common/main/consul_calls.h"
#include "common/main/deploy_facts.h"
#include "common/main/deploy_options.h"
#include "common/main/deploy_order.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

Status check_strategy(std::string_view text) {
  if (text == "blue-green" || text == "rolling") return {};
  return fail(Errc::invalid_input, "use blue-green or rolling");
}

Status check_on_failure(std::string_view text) {
  if (text == "undo" || text == "stop") return {};
  return fail(Errc::invalid_input, "use undo or stop");
}

// "10,50": each more than the one before; 100 at the end is the switch.
Result<std::vector<int>> canary_steps(std::string_view text) {
  std::vector<int> out;
  for (const std::string& item : base::split(text, ',')) {
    const auto percent = base::parse_uint(base::trim(item));
    if (!percent || *percent == 0 || *percent > 100 || (!out.empty() && static_cast<int>(*percent) <= out.back()))
      return fail(Errc::invalid_input, "rising percentages such as 10,50");
    out.push_back(static_cast<int>(*percent));
  }
  if (out.back() == 100) out.pop_back();
  return out;
}

Status check_canary(std::string_view text) {
  if (text.empty()) return {};
  LS_TRY(steps, canary_steps(text));
  (void)steps;
  return {};
}

Status check_pair(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos && equals != 0) return {};
  return fail(Errc::invalid_input, "it is NAME=VALUE");
}

cli::OptionTable what_to_run() {
  const std::string group = "What runs";
  const std::string asked = "A change that is under way";
  return cli::OptionTable({
      {.names = {"image"},
       .value_name = "IMAGE",
       .help = "What the new containers run.",
       .env = {"LONGSHORE_DEPLOY_IMAGE"},
       .group = group},
      {.names = {"compose"},
       .value_name = "FILE",
       .help =
           "Instead of -image: the services of a Compose file, or the one named; rancher-compose.yml beside it says "
           "scale and health checks.",
       .env = {"LONGSHORE_DEPLOY_COMPOSE"},
       .group = group},
      {.names = {"rollback"},
       .kind = cli::Kind::boolean,
       .help = "Back to the stopped containers of before: of the other colour, or those that the last rolling change "
               "replaced; needs no -image.",
       .env = {"LONGSHORE_DEPLOY_ROLLBACK"},
       .group = group},
      {.names = {"strategy"},
       .value_name = "NAME",
       .help =
           "blue-green: a second colour beside the first, switched at once; rolling: batch by batch, without colours.",
       .fallback = "blue-green",
       .env = {"LONGSHORE_DEPLOY_STRATEGY"},
       .group = group,
       .check = check_strategy},
      {.names = {"on-failure"},
       .value_name = "WHAT",
       .help = "rolling: undo puts the old containers back, stop leaves what is replaced as it is; the same call "
               "continues, "
               "-rollback undoes.",
       .fallback = "undo",
       .env = {"LONGSHORE_DEPLOY_ON_FAILURE"},
       .group = group,
       .check = check_on_failure},
      {.names = {"pause"},
       .kind = cli::Kind::boolean,
       .help = "Lets the rolling change of the service that is under way pause after its batch, and waits for it.",
       .env = {"LONGSHORE_DEPLOY_PAUSE"},
       .group = asked},
      {.names = {"resume"},
       .kind = cli::Kind::boolean,
       .help = "Lets it go on.",
       .env = {"LONGSHORE_DEPLOY_RESUME"},
       .group = asked},
      {.names = {"abort"},
       .kind = cli::Kind::boolean,
       .help = "Lets the change that is under way undo what it has done, and waits for its end.",
       .env = {"LONGSHORE_DEPLOY_ABORT"},
       .group = asked},
      {.names = {"instances"},
       .kind = cli::Kind::integer,
       .value_name = "N",
       .help = "So many containers.",
       .fallback = "0",
       .fallback_text = "as many as there are",
       .env = {"LONGSHORE_DEPLOY_INSTANCES"},
       .group = group,
       .min = 0,
       .max = 1000},
      {.names = {"canary"},
       .value_name = "N,N",
       .help = "blue-green: before the switch the new colour gets so many percent of the traffic, one after another "
               "(10,50). Stock templates heed it.",
       .env = {"LONGSHORE_DEPLOY_CANARY"},
       .group = group,
       .check = check_canary},
      {.names = {"canary-time"},
       .kind = cli::Kind::duration,
       .help = "Each of them for so long; a check that fails meanwhile gives all traffic back to the old colour.",
       .fallback = "1m",
       .env = {"LONGSHORE_DEPLOY_CANARY_TIME"},
       .group = group},
      {.names = {"keep"},
       .kind = cli::Kind::duration,
       .help = "The old colour goes on running so long after the switch has settled.",
       .fallback = "0s",
       .env = {"LONGSHORE_DEPLOY_KEEP"},
       .group = group},
      {.names = {"e"},
       .kind = cli::Kind::list,
       .value_name = "NAME=VALUE",
       .help = "A variable of the new containers.",
       .env = {"LONGSHORE_DEPLOY_VARIABLES"},
       .env_separator = '\n',
       .group = group,
       .check = check_pair},
      {.names = {"label"},
       .kind = cli::Kind::list,
       .value_name = "NAME=VALUE",
       .help = "A label of the new containers.",
       .env = {"LONGSHORE_DEPLOY_LABELS"},
       .env_separator = '\n',
       .group = group,
       .check = check_pair},
      {.names = {"network"},
       .value_name = "NAME",
       .help = "Network of the new containers.",
       .fallback_text = "as before",
       .env = {"LONGSHORE_DEPLOY_NETWORK"},
       .group = group},
  });
}

// What a rollback goes back from: the last change's own way, unless the caller says one.
Result<bool> is_rolling(const cli::Parsed& parsed, DrainCall& call, const DeployOrder& order) {
  const std::string& service = order.plan.service;
  if (!order.plan.rollback || parsed.is_set("strategy")) return parsed.text("strategy") == "rolling";
  consul::QueryOptions options = consul::confirmed();
  LS_TRY(record, run_to_end(call.context, call.client.kv_get(call.kv_prefix + "deploys/" + service, options)));
  if (!record.value) return false;
  const Result<json::Value> value = json::parse(record.value->value, "the record");
  return value && facts::text_at(*value, "strategy") == "rolling";
}

DeployOrder whole_order(const cli::Parsed& parsed, const Invocation& invocation, const std::string& service,
                        std::string_view asked) {
  DeployOrder order = order_of(parsed, invocation, service);
  order.plan.rollback = asked == "rollback";
  if (!order.plan.rollback) order.plan.image = parsed.text("image");
  order.plan.instances = static_cast<int>(parsed.integer("instances"));
  order.plan.keep = parsed.duration("keep");
  if (const std::string& canary = parsed.text("canary"); !canary.empty() && !order.plan.rollback)
    order.plan.canary = canary_steps(canary).value_or(std::vector<int>());
  order.plan.canary_time = parsed.duration("canary-time");
  order.plan.pull = order.plan.pull && !order.plan.rollback;
  order.wish.image = order.plan.image;
  order.wish.environment = parsed.list("e");
  order.wish.labels = parsed.list("label");
  order.wish.network = parsed.text("network");
  return order;
}

deploy::RollPlan whole_roll(const cli::Parsed& parsed, const DeployOrder& order) {
  const auto kind = order.plan.rollback ? deploy::RollPlan::Kind::back : deploy::RollPlan::Kind::replace;
  deploy::RollPlan roll = roll_of(parsed, order, kind);
  roll.instances = order.plan.instances;
  roll.undo = parsed.text("on-failure") == "undo";
  return roll;
}

// Which one of -image, -compose, -rollback, -pause, -resume and -abort it is. Options beat what variables say; among
// variables the way back beats an image: a CI server has that set all the time.
Result<std::string> asked_of(const cli::Parsed& parsed) {
  std::vector<std::string> options, variables;
  for (const char* name : {"image", "compose", "rollback", "pause", "resume", "abort"}) {
    const cli::Option& option = *parsed.table().find(name);
    const bool asked = option.kind == cli::Kind::boolean ? parsed.boolean(name) : !parsed.text(name).empty();
    if (asked) (parsed.is_set_by(name, cli::Origin::option) ? options : variables).emplace_back(name);
  }
  std::vector<std::string>& asked = options.empty() ? variables : options;
  if (options.empty() && std::ranges::find(asked, "rollback") != asked.end())
    std::erase_if(asked, [](const std::string& name) { return name == "image" || name == "compose"; });
  if (asked.size() != 1)
    return fail(Errc::invalid_input, "say one of -image, -compose, -rollback, -pause, -resume and -abort");
  return asked.front();
}

DeployOrder compose_order(const cli::Parsed& parsed, const Invocation& invocation, deploy::ComposeService& service) {
  DeployOrder order = whole_order(parsed, invocation, service.name, "compose");
  order.plan.image = service.image;
  order.wish.image = service.image;
  order.model = std::move(service.model);
  if (order.plan.instances == 0) order.plan.instances = service.scale;
  if (service.pull_always && !parsed.is_set("pull")) order.pulling = Pulling::always;
  return order;
}

// One service after the other, those that others link to first; the first that fails ends it. `wanted`: this one only.
int deploy_compose(const cli::Parsed& parsed, const Invocation& invocation, const std::string& wanted, DrainCall& call,
                   EngineCalls& docker, Teller& tell) {
  const std::string& file = parsed.text("compose");
  Result<std::vector<deploy::ComposeService>> services = compose_services(file, invocation);
  if (!services) return tell.complain("longshore deploy: " + services.error().text, 2);
  std::vector<deploy::ComposeService*> todo;
  for (deploy::ComposeService& service : *services) {
    if (!wanted.empty() && service.name != wanted) continue;
    if (!is_service_name(service.name))
      return tell.complain("longshore deploy: " + file + ": services." + service.name +
                               ": a service's name has letters, digits, - and _",
                           2);
    if (service.balancer)
      tell.say("skipped", service.name + ": a load balancer of Rancher's; its targets are labels of the services now");
    else
      todo.push_back(&service);
  }
  if (todo.empty())
    return tell.complain("longshore deploy: " + file + ": there is no " + (wanted.empty() ? "service" : wanted), 2);
  for (deploy::ComposeService* service : todo) {
    DeployOrder order = compose_order(parsed, invocation, *service);
    order.plan.hosts = docker.names();
    if (parsed.text("strategy") == "rolling") {
      order.roll = whole_roll(parsed, order);
      order.roll->hosts = order.plan.hosts;
    }
    if (const int code = DeployRun(call, docker, tell, std::move(order)).run(); code != 0) return code;
  }
  return 0;
}

}  // namespace

cli::Command deploy_command() {
  cli::Command command;
  command.name = "deploy";
  command.summary = "Replace what runs without losing a request: blue/green or rolling, with gates and a way back.";
  command.usage = {"longshore deploy SERVICE -image IMAGE [options]",
                   "longshore deploy SERVICE -strategy rolling -image IMAGE [-batch N] [options]",
                   "longshore deploy [SERVICE] -compose FILE [options]", "longshore deploy SERVICE -rollback [options]",
                   "longshore deploy SERVICE -pause|-resume|-abort"};
  command.options = what_to_run().with(engine_options()).with(gate_options()).with(drain_options("60s"));
  command.sections = {
      {"Blue/green",
       {"Which colour serves is in Consul's KV: services/SERVICE/color, with -env E services/E/SERVICE/color. "
        "Containers of a colour are registered as SERVICE-blue and SERVICE-green; templates take "
        "`service (print \"SERVICE-\" (key \"services/SERVICE/color\"))`.",
        "The idle colour's containers are made after those that serve (variables, labels, volumes, networks, limits) "
        "with the new image; fixed host ports become free ones. When all pass their checks, and the smoke command has "
        "passed, the key is switched by check-and-set. Then every renderer that used the old colour must say that no "
        "worker of its server has anything older; then the old colour is drained and stopped. Its containers stay for "
        "-rollback until the next deploy.",
        "A failure before the switch removes the new containers and touches nothing else. Load balancers that do not "
        "follow within -timeout put the old colour back. ^C does the same; after the switch has settled it only leaves "
        "the old colour running. A run that was killed is cleared by the next one. Two at once: the second is told who "
        "is at work (longshore/deploys/SERVICE).",
        "-canary 10,50 lets the new colour stand 10 and then 50 percent of the traffic before the switch "
        "(services/SERVICE/canary). One that does not pass its checks meanwhile, or ends, or an interrupt, gives all "
        "of "
        "it back: the new containers are removed when no load balancer has them any more."}},
      {"Rolling",
       {"The containers registered as SERVICE (or as the colour that serves, where there is one) are replaced batch by "
        "batch, over all engines given: -batch new ones are started, must pass their checks for -healthy-time, and the "
        "smoke command; then as many old ones are drained, until all load balancers have said so, and stopped. New "
        "ones take traffic as soon as they pass. There are never fewer than before.",
        "A failed gate, or -abort, puts the old containers back, in the same way (-on-failure stop: leaves it). ^C, or "
        "the end of this program, leaves what is replaced as it is: the same call continues, -rollback undoes. "
        "`longshore status` shows how far it is."}},
      {"Compose",
       {"Each service of the file is deployed in its turn, those that others link to first, as many as "
        "rancher-compose.yml, deploy.replicas or -instances say. The file is what new containers are made after: what "
        "it does not say they do not have. Understood are image, environment, labels, ports and expose (free ports of "
        "the host), command, entrypoint, volumes, restart, tty, stdin_open, user, working_dir, hostname, network_mode "
        "and the order of links and depends_on; other keys are errors. $NAME, ${NAME} and ${NAME:-default} are the "
        "caller's variables.",
        "A health_check of rancher-compose.yml becomes a check of its port. Rancher's load balancers are not started: "
        "the targets that their labels name become labels of the services, which routing reads."}},
      {"Variables",
       {"Every option has one, named above; options beat them. LONGSHORE_DEPLOY_SERVICE is SERVICE where the call has "
        "none. LONGSHORE_DEPLOY_ROLLBACK=true beats LONGSHORE_DEPLOY_IMAGE and _COMPOSE. A token is taken from "
        "CONSUL_HTTP_TOKEN or the file that CONSUL_HTTP_TOKEN_FILE names."}},
      {"Examples",
       {"longshore deploy books -image books:1.4 -smoke 'curl -fsS $URL/health'",
        "longshore deploy books -image books:1.4 -host a=tcp://10.0.0.1:2375 -host b=tcp://10.0.0.2:2375 -instances 4",
        "longshore deploy books -strategy rolling -image books:1.4 -batch 2 -healthy-time 10s",
        "longshore deploy -compose docker-compose.yml -strategy rolling", "longshore deploy books -rollback"}},
      {"Exit codes",
       {"0 deployed, 1 not (the old version serves, unless the last line says otherwise), 2 wrong call"}}};
  return command;
}

int run_deploy(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 1;
  usage.parse.options_anywhere = true;
  const auto options = read_options(deploy_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  const std::string service = service_of(parsed, invocation);
  const Result<std::string> asked = asked_of(parsed);
  const bool compose = asked ? *asked == "compose" : !parsed.text("compose").empty();
  if (service.empty() && !compose) return complain("longshore deploy: say which service", 2);
  if (!service.empty() && !is_service_name(service))
    return complain("longshore deploy: a service's name has letters, digits, - and _, not " + base::log_value(service),
                    2);
  if (!asked) return complain("longshore deploy: " + asked.error().text, 2);
  Result<consul::ClientSettings> consul = consul_settings(parsed, invocation);
  if (!consul) return complain("longshore deploy: " + consul.error().text, 2);
  DrainCall call(std::move(*consul), kv_prefix_of(parsed));
  Teller tell(parsed.boolean("json"));
  if (*asked == "pause" || *asked == "resume" || *asked == "abort") {
    const OrderCall order{service, *asked, asker(invocation.environment), parsed.duration("timeout")};
    return give_order(call, tell, order);
  }
  Result<std::vector<EngineAt>> engines = engines_of(parsed, invocation);
  if (!engines) return complain("longshore deploy: " + engines.error().text, 2);
  EngineCalls docker(call.context.get_executor(), std::move(*engines));
  if (compose) return deploy_compose(parsed, invocation, service, call, docker, tell);
  DeployOrder order = whole_order(parsed, invocation, service, *asked);
  const Result<bool> rolling = is_rolling(parsed, call, order);
  if (!rolling) return tell.complain("longshore deploy: Consul: " + rolling.error().text, 1);
  order.plan.hosts = docker.names();
  if (*rolling) {
    order.roll = whole_roll(parsed, order);
    order.roll->hosts = order.plan.hosts;
  }
  return DeployRun(call, docker, tell, std::move(order)).run();
}

}  // namespace longshore::app
