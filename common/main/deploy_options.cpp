#include "common/main/deploy_options.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "agent/config_file.h"
#include "agent/options.h"
#include "common/base/hash.h"
#include "common/base/text.h"
#include "common/main/consul_calls.h"
#include "common/main/host_blocks.h"

namespace longshore::app {

bool is_service_name(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  if (text.empty() || text.size() > kLongest || text.front() == '-') return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

namespace {

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::vector<std::string> colors_of(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string& item : base::split(text, ',')) out.emplace_back(base::trim(item));
  return out;
}

Status check_colors(std::string_view text) {
  const std::vector<std::string> colors = colors_of(text);
  if (colors.size() == 2 && is_service_name(colors[0]) && is_service_name(colors[1]) && colors[0] != colors[1])
    return {};
  return fail(Errc::invalid_input, "two different words of letters, digits, - and _, such as blue,green");
}

Status check_color_by(std::string_view text) {
  if (text == "name" || text == "tag" || text == "meta") return {};
  return fail(Errc::invalid_input, "use name, tag or meta");
}

Status check_pull(std::string_view text) {
  if (text == "always" || text == "missing" || text == "never") return {};
  return fail(Errc::invalid_input, "use always, missing or never");
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

Status check_host(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string_view::npos && is_service_name(text.substr(0, equals)) && equals + 1 < text.size())
    return {};
  return fail(Errc::invalid_input, "it is NAME=unix:///path or NAME=tcp://host:port");
}

}  // namespace

std::string service_of(const cli::Parsed& parsed, const Invocation& invocation) {
  if (!parsed.positionals.empty()) return parsed.positionals.front();
  return std::string(base::trim(variable(invocation, "LONGSHORE_DEPLOY_SERVICE")));
}

cli::OptionTable engine_options() {
  const std::string group = "Engines";
  return cli::OptionTable({
      {.names = {"host"},
       .kind = cli::Kind::list,
       .value_name = "NAME=URL",
       .help =
           "An engine, unix:///path or tcp://host:port; may be given several times, containers are spread over them. "
           "Without one: the host {} blocks of the configuration, else DOCKER_HOST.",
       .env = {"LONGSHORE_DEPLOY_HOSTS"},
       .group = group,
       .check = check_host},
      {.names = {"config"},
       .kind = cli::Kind::list,
       .value_name = "PATH",
       .help = "File, or directory of files, whose blocks host \"NAME\" { address = \"tcp://..\" } name engines.",
       .fallback_text = std::string(agent::kDefaultFile) + ", if it is there",
       .env = {"LONGSHORE_DEPLOY_CONFIG"},
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
       .env = {"LONGSHORE_DEPLOY_PULL_TIMEOUT"},
       .group = group},
  });
}

cli::OptionTable gate_options() {
  const std::string group = "Gates";
  return cli::OptionTable({
      {.names = {"colors"},
       .value_name = "A,B",
       .help = "The two colours.",
       .fallback = "blue,green",
       .env = {"LONGSHORE_DEPLOY_COLORS"},
       .group = group,
       .check = check_colors},
      {.names = {"color-by"},
       .value_name = "WHAT",
       .help = "What tells an instance's colour: the name of its service (SERVICE-blue), a tag, or Meta `color`.",
       .fallback = "name",
       .env = {"LONGSHORE_DEPLOY_COLOR_BY"},
       .group = group,
       .check = check_color_by},
      {.names = {"healthy-timeout"},
       .kind = cli::Kind::duration,
       .help = "All new instances must pass their checks in Consul within this time.",
       .fallback = "2m",
       .env = {"LONGSHORE_DEPLOY_HEALTHY_TIMEOUT"},
       .group = group},
      {.names = {"batch"},
       .kind = cli::Kind::integer,
       .value_name = "N",
       .help = "rolling: so many are started, and then so many stopped, at a time.",
       .fallback = "1",
       .env = {"LONGSHORE_DEPLOY_BATCH"},
       .group = group,
       .min = 1,
       .max = 1000},
      {.names = {"batch-pause"},
       .kind = cli::Kind::duration,
       .help = "rolling: time between two batches.",
       .fallback = "0s",
       .env = {"LONGSHORE_DEPLOY_BATCH_PAUSE"},
       .group = group},
      {.names = {"healthy-time"},
       .kind = cli::Kind::duration,
       .help = "rolling: new instances must pass so long before old ones go.",
       .fallback = "0s",
       .env = {"LONGSHORE_DEPLOY_HEALTHY_TIME"},
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
       .env = {"LONGSHORE_DEPLOY_SMOKE_TIMEOUT"},
       .group = group},
  });
}

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
  LS_TRY(blocks, read_host_blocks(parsed.list("config")));
  for (HostBlock& block : blocks) {
    cli::Environment environment = invocation.environment;
    environment["DOCKER_HOST"] = block.address;
    if (!block.cert_path.empty()) {
      environment["DOCKER_CERT_PATH"] = block.cert_path;
      environment["DOCKER_TLS_VERIFY"] = "1";
    }
    auto settings = agent::docker_settings(environment, false, file_exists);
    if (!settings) return fail(settings.error().with("host \"" + block.name + "\""));
    out.push_back({std::move(block.name), std::move(*settings)});
  }
  if (!out.empty()) return out;
  LS_TRY(settings, agent::docker_settings(invocation.environment, false, file_exists));
  out.push_back({"", std::move(settings)});
  return out;
}

DeployOrder order_of(const cli::Parsed& parsed, const Invocation& invocation, std::string service) {
  DeployOrder order;
  deploy::Plan& plan = order.plan;
  plan.service = std::move(service);
  plan.colors = colors_of(parsed.text("colors"));
  plan.smoke = !parsed.text("smoke").empty();
  plan.healthy_limit = parsed.duration("healthy-timeout");
  plan.follow_limit = parsed.duration("timeout");
  const std::string& pull = parsed.text("pull");
  order.pulling = pull == "always" ? Pulling::always : pull == "never" ? Pulling::never : Pulling::missing;
  plan.pull = order.pulling != Pulling::never;
  order.wish.service = plan.service;
  order.wish.colors = plan.colors;
  const std::string& by = parsed.text("color-by");
  order.wish.color_by = by == "tag"    ? deploy::ColorBy::tag
                        : by == "meta" ? deploy::ColorBy::meta
                                       : deploy::ColorBy::name;
  order.smoke = parsed.text("smoke");
  order.smoke_limit = parsed.duration("smoke-timeout");
  order.pull_limit = parsed.duration("pull-timeout");
  order.drain_limits = limits_of(parsed);
  const std::string& env = parsed.text("env");
  const std::string folder = "services/" + (env.empty() ? std::string() : env + "/") + plan.service;
  order.color_key = folder + "/color";
  order.canary_key = folder + "/canary";
  order.by = asker(invocation.environment);
  order.reason = parsed.text("reason");
  order.environment = invocation.environment;
  if (plan.pull) order.docker_config = read_docker_config(invocation);
  return order;
}

deploy::RollPlan roll_of(const cli::Parsed& parsed, const DeployOrder& order, deploy::RollPlan::Kind kind) {
  deploy::RollPlan roll;
  roll.kind = kind;
  roll.service = order.plan.service;
  roll.image = order.plan.image;
  roll.batch = static_cast<int>(parsed.integer("batch"));
  roll.pull = order.plan.pull;
  roll.smoke = order.plan.smoke;
  roll.healthy_limit = order.plan.healthy_limit;
  roll.healthy_time = parsed.duration("healthy-time");
  roll.pause = parsed.duration("batch-pause");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  roll.run = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "-" +
             std::to_string(::getpid());
  std::string what = order.wish.image + "\n" + order.wish.network;
  for (const std::vector<std::string>* list : {&order.wish.environment, &order.wish.labels})
    for (const std::string& one : *list) what += "\n" + one;
  if (!order.model.is_null()) what += "\n" + json::dump(order.model);
  roll.spec = std::to_string(base::fnv1a(what));
  return roll;
}

}  // namespace longshore::app
