#include "renderer/plan.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace longshore::render {
namespace {

// Who hears of a file, apart from commands, by its destination.
struct Listeners {
  std::map<std::string, PlannedReload> reloading;
  std::map<std::string, int> signalled;  // the supervised program gets this signal, and nothing else
};

class PlanFiles final : public Files {
 public:
  PlanFiles(std::shared_ptr<Plan> plan, Listeners listeners)
      : plan_(std::move(plan)), listeners_(std::move(listeners)) {}

  // A template may append to what it wrote a line before.
  Result<std::string> read(const std::string& path) override {
    if (const auto planned = find(path); planned != plan_->files.end()) return planned->text;
    return real_.read(path);
  }

  Result<FilePlan> replace(const std::string& path, std::string_view text, const FileOptions& options,
                           Writer /*writer*/) override {
    LS_TRY(seen, forecast(path, text, options));
    if (const auto planned = find(path); planned != plan_->files.end()) plan_->files.erase(planned);
    for (const std::string& directory : seen.directories)
      if (std::ranges::find(plan_->directories, directory) == plan_->directories.end())
        plan_->directories.push_back(directory);
    const FilePlan outcome = seen.plan;
    if (seen.changes_nothing())
      ++plan_->unchanged;
    else
      plan_->files.push_back({path, std::string(text), std::move(seen)});
    if (outcome != FilePlan::unchanged) tell(path);
    return outcome;
  }

 private:
  std::vector<PlannedFile>::iterator find(const std::string& path) {
    return std::ranges::find(plan_->files, path, &PlannedFile::path);
  }

  void tell(const std::string& path) {
    const auto reload = listeners_.reloading.find(path);
    if (reload != listeners_.reloading.end() &&
        std::ranges::find(plan_->reloads, reload->second) == plan_->reloads.end())
      plan_->reloads.push_back(reload->second);
    if (!plan_->program) return;
    const auto signalled = listeners_.signalled.find(path);
    if (signalled != listeners_.signalled.end())
      plan_->program->signals.insert(signalled->second);
    else
      plan_->program->outdated = true;
  }

  std::shared_ptr<Plan> plan_;
  Listeners listeners_;
  RealFiles real_;
};

class PlanProcesses final : public Processes {
 public:
  explicit PlanProcesses(std::shared_ptr<Plan> plan) : plan_(std::move(plan)) {}

  async::Awaitable<CommandResult> run(CommandRequest request) override {
    plan_->commands.push_back(to_string(request.command));
    co_return CommandResult{};
  }

 private:
  std::shared_ptr<Plan> plan_;
};

// A plan swaps nothing, so every template is for itself; whom its group would tell it tells then. Its check is for
// later.
void dissolve_groups(MachineSettings& machine, Listeners& listeners, Plan& plan) {
  for (const apply::GroupSpec& group : machine.groups)
    if (group.checked()) plan.checked.push_back(group);
  for (TemplateSpec& spec : machine.templates) {
    const auto group = std::ranges::find(machine.groups, spec.group, &apply::GroupSpec::name);
    if (group != machine.groups.end()) plan.destinations[spec.group].insert(spec.destination);
    spec.group.clear();
    if (group == machine.groups.end() || !group->tell || !spec.command.empty()) continue;
    if (group->tell->kind == Followup::Kind::command) {
      spec.command = group->tell->what;
    } else if (group->tell->kind == Followup::Kind::reload) {
      listeners.reloading[spec.destination] = {to_string(group->tell->what), group->tell->signal};
    } else if (group->tell->kind == Followup::Kind::child) {
      listeners.signalled[spec.destination] = group->tell->signal;
    } else {
      // Signals to a pid or a container: told in the plan's words, sent to nobody.
      spec.command = Command(std::vector<std::string>{to_string(*group->tell)});
    }
  }
  machine.groups.clear();
}

}  // namespace

RendererSeams plan_seams(RenderConfig& config, base::Duration limit, std::shared_ptr<Plan> plan) {
  config.machine.once = true;
  config.watch.once = true;
  config.machine.once_timeout = limit;
  if (auto& child = config.machine.child) plan->program = PlannedProgram{std::move(*child)};
  config.machine.child.reset();
  config.retire_workers = false;
  config.machine.probe.enabled = false;
  config.machine.notices.clear();
  // Not even a directory is made.
  config.state_dir.clear();
  Listeners listeners;
  // Before groups take their templates: those of none are told by the pid file of all.
  const std::string pid_file = std::exchange(config.machine.reload_pid_file, {});
  if (!pid_file.empty())
    for (const TemplateSpec& spec : config.machine.templates)
      if (spec.group.empty() && spec.command.empty()) listeners.reloading[spec.destination] = {pid_file, SIGHUP};
  dissolve_groups(config.machine, listeners, *plan);
  RendererSeams seams;
  seams.files = std::make_shared<PlanFiles>(plan, std::move(listeners));
  seams.processes = std::make_shared<PlanProcesses>(std::move(plan));
  return seams;
}

}  // namespace longshore::render
