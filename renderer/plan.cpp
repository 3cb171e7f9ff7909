#include "renderer/plan.h"

#include <algorithm>
#include <utility>

namespace longshore::render {
namespace {

class PlanFiles final : public Files {
 public:
  // reloading: destinations of templates after whose change the pid file's process gets a HUP.
  PlanFiles(std::shared_ptr<Plan> plan, std::set<std::string> reloading, std::string pid_file)
      : plan_(std::move(plan)), reloading_(std::move(reloading)), pid_file_(std::move(pid_file)) {}

  // A template may append to what it wrote a line before.
  Result<std::string> read(const std::string& path) override {
    if (const auto planned = find(path); planned != plan_->files.end()) return planned->text;
    return real_.read(path);
  }

  Result<FilePlan> replace(const std::string& path, std::string_view text, const FileOptions&) override {
    std::optional<std::string> current;
    const auto planned = find(path);
    if (planned != plan_->files.end()) {
      current = planned->current;
    } else {
      Result<std::string> bytes = real_.read(path);
      if (!bytes && bytes.error().code != Errc::not_found) return fail(std::move(bytes.error()));
      if (bytes) current = std::move(*bytes);
    }
    const FilePlan outcome = plan_file(current, text);
    if (planned != plan_->files.end()) plan_->files.erase(planned);
    if (outcome == FilePlan::unchanged)
      ++plan_->unchanged;
    else
      plan_->files.push_back({path, std::move(current), std::string(text)});
    if (outcome != FilePlan::unchanged && reloading_.contains(path)) plan_->reload = pid_file_;
    return outcome;
  }

 private:
  std::vector<PlannedFile>::iterator find(const std::string& path) {
    return std::ranges::find(plan_->files, path, &PlannedFile::path);
  }

  std::shared_ptr<Plan> plan_;
  std::set<std::string> reloading_;
  std::string pid_file_;
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
void dissolve_groups(MachineSettings& machine, std::set<std::string>& reloading, Plan& plan) {
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
      reloading.insert(spec.destination);
      machine.reload_pid_file = to_string(group->tell->what);
    } else {
      // Signals to a pid, a container or the supervised program: told in the plan's words, sent to nobody.
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
  config.machine.child.reset();
  config.retire_workers = false;
  config.machine.probe.enabled = false;
  config.machine.notices.clear();
  std::set<std::string> reloading;
  dissolve_groups(config.machine, reloading, *plan);
  if (!config.machine.reload_pid_file.empty())
    for (const TemplateSpec& spec : config.machine.templates)
      if (spec.command.empty()) reloading.insert(spec.destination);
  RendererSeams seams;
  seams.files =
      std::make_shared<PlanFiles>(plan, std::move(reloading), std::exchange(config.machine.reload_pid_file, {}));
  seams.processes = std::make_shared<PlanProcesses>(std::move(plan));
  return seams;
}

}  // namespace longshore::render
