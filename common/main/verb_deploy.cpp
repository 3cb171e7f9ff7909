#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "agent/options.h"
#include "common/base/text.h"
#include "common/main/consul_calls.h"
#include "common/main/deploy_run.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// The beginning of container names and a part of keys.
bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  if (text.empty() || text.size() > kLongest || text.front() == '-') return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::vector<std::string> colors_of(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string& item : base::split(text, ',')) out.emplace_back(base::trim(item));
  return out;
}

Status check_colors(std::string_view text) {
  const std::vector<std::string> colors = colors_of(text);
  if (colors.size() == 2 && is_name(colors[0]) && is_name(colors[1]) && colors[0] != colors[1]) return {};
  return fail(Errc::invalid_input, "two different words of letters, digits, - and _, such as blue,green");
}

Status check_pull(std::string_view text) {
  if (text == "always" || text == "missing" || text == "never") return {};
  return fail(Errc::invalid_input, "use always, missing or never");
}

Status check_pair(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos && equals != 0) return {};
  return fail(Errc::invalid_input, "it is NAME=VALUE");
}

std::string variable(const Invocation& invocation, std::string_view name) {
  const auto found = invocation.environment.find(name);
  return found == invocation.environment.end() ? std::string() : found->second;
}

// "" where there is none or it may not be read: then there are no credentials.
std::string read_docker_config(const Invocation& invocation) {
  std::string folder = variable(invocation, "DOCKER_CONFIG");
  if (folder.empty()) folder = variable(invocation, "HOME") + "/.docker";
  std::FILE* file = std::fopen((folder + "/config.json").c_str(), "re");
  if (file == nullptr) return {};
  std::string text;
  char piece[4096];
  while (const std::size_t got = std::fread(piece, 1, sizeof piece, file)) text.append(piece, got);
  std::fclose(file);
  return text;
}

// Each -host, else DOCKER_HOST; TLS is as the DOCKER_ variables say for all of them.
Result<std::vector<EngineAt>> engines_of(const cli::Parsed& parsed, const Invocation& invocation) {
  std::vector<EngineAt> out;
  for (const std::string& entry : parsed.list("host")) {
    const std::size_t equals = entry.find('=');
    EngineAt engine;
    engine.name = entry.substr(0, equals);
    if (std::ranges::find(out, engine.name, &EngineAt::name) != out.end())
      return fail(Errc::invalid_input, "-host " + engine.name + ": given twice");
    cli::Environment environment = invocation.environment;
    environment["DOCKER_HOST"] = entry.substr(equals + 1);
    LS_TRY(settings, agent::docker_settings(environment, false, file_exists));
    engine.settings = std::move(settings);
    out.push_back(std::move(engine));
  }
  if (!out.empty()) return out;
  LS_TRY(settings, agent::docker_settings(invocation.environment, false, file_exists));
  out.push_back({"", std::move(settings)});
  return out;
}

DeployOrder order_of(const cli::Parsed& parsed, const Invocation& invocation) {
  DeployOrder order;
  deploy::Plan& plan = order.plan;
  plan.service = parsed.positionals[0];
  plan.image = parsed.text("image");
  plan.colors = colors_of(parsed.text("colors"));
  plan.instances = static_cast<int>(parsed.integer("instances"));
  plan.rollback = parsed.boolean("rollback");
  plan.smoke = !parsed.text("smoke").empty();
  plan.healthy_limit = parsed.duration("healthy-timeout");
  plan.follow_limit = parsed.duration("timeout");
  plan.keep = parsed.duration("keep");
  const std::string& pull = parsed.text("pull");
  order.pulling = pull == "always" ? Pulling::always : pull == "never" ? Pulling::never : Pulling::missing;
  plan.pull = order.pulling != Pulling::never && !plan.rollback;
  order.wish.service = plan.service;
  order.wish.colors = plan.colors;
  order.wish.image = plan.image;
  order.wish.environment = parsed.list("e");
  order.wish.labels = parsed.list("label");
  order.wish.network = parsed.text("network");
  order.smoke = parsed.text("smoke");
  order.smoke_limit = parsed.duration("smoke-timeout");
  order.pull_limit = parsed.duration("pull-timeout");
  order.drain_limits = limits_of(parsed);
  const std::string& env = parsed.text("env");
  order.color_key = "services/" + (env.empty() ? std::string() : env + "/") + plan.service + "/color";
  order.by = asker(invocation.environment);
  order.reason = parsed.text("reason");
  order.environment = invocation.environment;
  if (plan.pull) order.docker_config = read_docker_config(invocation);
  return order;
}

Status check_host(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos && is_name(text.substr(0, equals)) && equals + 1 < text.size()) return {};
  return fail(Errc::invalid_input, "it is NAME=unix:///path or NAME=tcp://host:port");
}

cli::OptionTable what_to_run() {
  const std::string group = "What runs";
  return cli::OptionTable({
      {.names = {"image"},
       .value_name = "IMAGE",
       .help = "What the new colour runs.",
       .env = {"LONGSHORE_DEPLOY_IMAGE"},
       .group = group},
      {.names = {"rollback"},
       .kind = cli::Kind::boolean,
       .help = "Back to the stopped containers of the other colour; needs no -image.",
       .group = group},
      {.names = {"instances"},
       .kind = cli::Kind::integer,
       .value_name = "N",
       .help = "So many containers.",
       .fallback = "0",
       .fallback_text = "as many as the old colour has",
       .env = {"LONGSHORE_DEPLOY_INSTANCES"},
       .group = group,
       .min = 0,
       .max = 1000},
      {.names = {"host"},
       .kind = cli::Kind::list,
       .value_name = "NAME=URL",
       .help =
           "An engine, unix:///path or tcp://host:port; may be given several times, containers are spread over them. "
           "Without one: DOCKER_HOST.",
       .env = {"LONGSHORE_DEPLOY_HOSTS"},
       .group = group,
       .check = check_host},
      {.names = {"e"},
       .kind = cli::Kind::list,
       .value_name = "NAME=VALUE",
       .help = "A variable of the new containers; may be given several times.",
       .group = group,
       .check = check_pair},
      {.names = {"label"},
       .kind = cli::Kind::list,
       .value_name = "NAME=VALUE",
       .help = "A label of the new containers; may be given several times.",
       .group = group,
       .check = check_pair},
      {.names = {"network"},
       .value_name = "NAME",
       .help = "Network of the new containers.",
       .fallback_text = "as before",
       .group = group},
      {.names = {"pull"},
       .value_name = "WHEN",
       .help = "always, missing or never; credentials are those of `docker login`.",
       .fallback = "missing",
       .env = {"LONGSHORE_DEPLOY_PULL"},
       .group = group,
       .check = check_pull},
      {.names = {"pull-timeout"},
       .kind = cli::Kind::duration,
       .help = "Limit of a pull between two pieces of its progress.",
       .fallback = "10m",
       .group = group},
  });
}

cli::OptionTable gates() {
  const std::string group = "Gates";
  return cli::OptionTable({
      {.names = {"colors"},
       .value_name = "A,B",
       .help = "The two colours.",
       .fallback = "blue,green",
       .env = {"LONGSHORE_DEPLOY_COLORS"},
       .group = group,
       .check = check_colors},
      {.names = {"healthy-timeout"},
       .kind = cli::Kind::duration,
       .help = "All new instances must pass their checks in Consul within this time.",
       .fallback = "2m",
       .env = {"LONGSHORE_DEPLOY_HEALTHY_TIMEOUT"},
       .group = group},
      {.names = {"smoke"},
       .value_name = "COMMAND",
       .help = "Run by sh for each new instance before the switch, with SERVICE, ADDRESS (host:port) and URL; anything "
               "but exit code 0 leaves the old colour.",
       .env = {"LONGSHORE_DEPLOY_SMOKE"},
       .group = group},
      {.names = {"smoke-timeout"},
       .kind = cli::Kind::duration,
       .help = "Limit of one run of it.",
       .fallback = "30s",
       .group = group},
      {.names = {"keep"},
       .kind = cli::Kind::duration,
       .help = "The old colour goes on running so long after the switch has settled.",
       .fallback = "0s",
       .env = {"LONGSHORE_DEPLOY_KEEP"},
       .group = group},
  });
}

}  // namespace

cli::Command deploy_command() {
  cli::Command command;
  command.name = "deploy";
  command.summary = "Blue/green: start the idle colour, switch to it when it is good, stop the old one.";
  command.usage = {"longshore deploy SERVICE -image IMAGE [options]", "longshore deploy SERVICE -rollback [options]"};
  command.options = what_to_run().with(gates()).with(drain_options("60s"));
  command.sections = {
      {"What it does",
       {"Which colour serves is in Consul's KV: services/SERVICE/color, with -env E services/E/SERVICE/color. "
        "Containers "
        "of a colour are registered as SERVICE-blue and SERVICE-green; templates take "
        "`service (print \"SERVICE-\" (key \"services/SERVICE/color\"))`.",
        "The idle colour's containers are made after those that serve (variables, labels, volumes, networks, limits) "
        "with the new image; fixed host ports become free ones. When all pass their checks, and the smoke command has "
        "passed, the key is switched by check-and-set. Then every renderer that used the old colour must say that no "
        "worker of its server has anything older; then the old colour is drained and stopped. Its containers stay for "
        "-rollback until the next deploy.",
        "A failure before the switch removes the new containers and touches nothing else. Load balancers that do not "
        "follow within -timeout put the old colour back. ^C does the same; after the switch has settled it only leaves "
        "the old colour running. A run that was killed is cleared by the next one. Two at once: the second is told who "
        "is at work (longshore/deploys/SERVICE)."}},
      {"Examples",
       {"longshore deploy books -image books:1.4 -smoke 'curl -fsS $URL/health'",
        "longshore deploy books -image books:1.4 -host a=tcp://10.0.0.1:2375 -host b=tcp://10.0.0.2:2375 -instances 4",
        "longshore deploy books -rollback"}},
      {"Exit codes", {"0 deployed, 1 not (the old colour serves, unless the last line says otherwise), 2 wrong call"}}};
  return command;
}

int run_deploy(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 1;
  usage.parse.options_anywhere = true;
  const auto options = read_options(deploy_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  if (parsed.positionals.empty()) return complain("longshore deploy: say which service", 2);
  if (!is_name(parsed.positionals[0]))
    return complain("longshore deploy: a service's name has letters, digits, - and _, not " +
                        base::log_value(parsed.positionals[0]),
                    2);
  const bool has_image = !parsed.text("image").empty();
  if (has_image == parsed.boolean("rollback")) return complain("longshore deploy: say either -image or -rollback", 2);
  Result<consul::ClientSettings> consul = consul_settings(parsed, invocation);
  if (!consul) return complain("longshore deploy: " + consul.error().text, 2);
  Result<std::vector<EngineAt>> engines = engines_of(parsed, invocation);
  if (!engines) return complain("longshore deploy: " + engines.error().text, 2);
  DrainCall call(std::move(*consul), kv_prefix_of(parsed));
  EngineCalls docker(call.context.get_executor(), std::move(*engines));
  Teller tell(parsed.boolean("json"));
  DeployOrder order = order_of(parsed, invocation);
  order.plan.hosts = docker.names();
  return DeployRun(call, docker, tell, std::move(order)).run();
}

}  // namespace longshore::app
