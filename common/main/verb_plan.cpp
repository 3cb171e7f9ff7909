#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <map>

#include "common/main/blocking_call.h"
#include "common/main/consul_calls.h"
#include "common/main/plan_report.h"
#include "common/main/process_options.h"
#include "common/main/render_component.h"
#include "common/main/supervisor.h"
#include "common/main/verbs.h"
#include "renderer/watch/outline.h"

namespace longshore::app {
namespace {

constexpr int kNoChanges = 0;
constexpr int kChanges = 1;
constexpr int kPlanFailed = 2;

bool all_pass(const Verdicts& verdicts) {
  return std::ranges::all_of(verdicts, [](const auto& one) { return one.kind == render::CheckVerdict::Kind::passed; });
}

// Runs them, with the environment that the renderer would give them.
Result<Verdicts> run_checks(std::shared_ptr<const render::Plan> plan,
                            std::map<std::string, std::string, std::less<>> environment) {
  if (plan->files.empty()) return Verdicts{};
  boost::asio::io_context context{1};
  async::TaskGroup tasks(context.get_executor());
  auto processes =
      std::make_shared<render::RealProcesses>(tasks, render::ProcessSettings{.environment = std::move(environment)});
  auto verdicts = run_to_end(context, render::check_plan(std::move(plan), std::move(processes)));
  // What reads the output of a program's children that are still there.
  tasks.cancel_all();
  context.restart();
  context.run();
  return verdicts;
}

PlannedQueries outline(const render::Dependencies& all, const consul::ClientSettings& consul, std::size_t parked,
                       base::Duration limit) {
  render::Dependencies watched;
  for (const render::Dependency& on : all)
    if (!on.local()) watched.insert(on);
  std::vector<std::string> names;
  // Without them the outline is that of a small cluster.
  if (watched.size() > parked)
    if (const auto nodes = ConsulCalls(consul, limit).nodes())
      for (const consul::Node& node : *nodes) names.push_back(node.node);
  return render::outline_queries(watched, parked, names);
}

}  // namespace

cli::Command plan_command() {
  cli::Command command;
  command.name = "plan";
  command.summary = "Show what a renderer would change now, as a unified diff, and what it would run.";
  command.usage = {"longshore plan [options of render]"};
  command.options =
      cli::OptionTable({
                           {.names = {"json"}, .kind = cli::Kind::boolean, .help = "One JSON object instead of text."},
                           {.names = {"queries"},
                            .kind = cli::Kind::boolean,
                            .help = "Also tell how a renderer would follow each dependency: by a "
                                    "query of its own, or covered by which signals."},
                           {.names = {"plan-timeout"},
                            .kind = cli::Kind::duration,
                            .help = "Give up when Consul has not told everything within this time.",
                            .fallback = "10s"},
                       })
          // It is one dry pass, without pages, in any case.
          .with(render::render_options().without({"once", "once-timeout", "dry", "parse-only", "print-config"}))
          .with(log_options("warn", false));
  command.sections = {
      {"What it does",
       {"Takes the command line and the configuration of `longshore render`, asks Consul, evaluates every template "
        "once "
        "and compares with the files that are there. Nothing is written, run or signalled, but for two things: "
        "programs "
        "that a template itself calls with `plugin`, and the `check` of a group, which sees copies of the new files in "
        "their places while everybody else sees the old ones. The output is a patch; lines that begin with `plan:` say "
        "what "
        "else would happen: directories made, permissions and owners, commands, signals, and what becomes of the "
        "program "
        "of -exec, which a renderer may or may not run already."}},
      {"Exit codes",
       {"0 no changes, 1 changes (of permissions or owners alone too), 2 wrong call, not everything could be rendered, "
        "or a "
        "check refuses the change"}}};
  return command;
}

int run_plan(const Invocation& invocation) {
  UsageRules usage;
  usage.usage_code = kPlanFailed;
  usage.parse.precedence = cli::Precedence::consul_template;
  const auto options = read_options(plan_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  // All that a renderer can be told, the rest of it by default.
  const cli::Parsed for_render = parsed.part("", render::render_options().with(log_options("warn", false)));
  auto loaded = render::load(for_render, invocation.environment, render::Name::own);
  if (!loaded) return complain(loaded.error().text, kPlanFailed);
  const Result<status::LogOptions> log_options = log_options_of(parsed, "plan");
  if (!log_options) return complain(log_options.error().text, kPlanFailed);
  status::Log log(*log_options);
  for (const std::string& remark : loaded->remarks)
    log.write({base::Level::warn, "configuration", {{"remark", remark}}});
  const consul::ClientSettings consul = loaded->config.consul;
  const std::size_t parked = render::parked_of(loaded->config.watch.max_connections);
  auto environment = loaded->config.command_environment;
  auto plan = std::make_shared<render::Plan>();
  const auto limit = std::max<base::Duration>(parsed.duration("plan-timeout"), std::chrono::milliseconds(1));
  render::RendererSeams seams = render::plan_seams(loaded->config, limit, plan);
  SupervisorRules rules;
  rules.failed_code = kPlanFailed;
  Supervisor supervisor(std::move(rules), log);
  RenderComponent render(supervisor.executor(), std::move(loaded->config), log, std::move(seams));
  supervisor.add(render.component({}));
  const bool complete = supervisor.run() == 0;
  PlannedQueries queries;
  if (parsed.boolean("queries")) queries = outline(render.machine().watched(), consul, parked, limit);
  // A check of half the files would say something about a tree that nobody means.
  Result<Verdicts> checks = Verdicts{};
  if (complete) checks = run_checks(plan, std::move(environment));
  if (!checks) return complain("longshore plan: " + checks.error().text, kPlanFailed);
  print(parsed.boolean("json") ? plan_json(*plan, *checks, queries, complete) : plan_text(*plan, *checks, queries));
  if (!complete)
    return complain("longshore plan: not everything could be rendered; the plan is not complete", kPlanFailed);
  if (!all_pass(*checks)) return complain("longshore plan: a check does not let this pass", kPlanFailed);
  return plan->files.empty() && plan->directories.empty() ? kNoChanges : kChanges;
}

}  // namespace longshore::app
