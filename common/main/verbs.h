// The table of verbs: what `longshore` can be asked to do. Order is the order of help.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/main/invocation.h"

namespace longshore::app {

struct Verb {
  using Run = int (*)(const Invocation& invocation);
  using Pages = std::string (*)(const Invocation& invocation);

  std::string_view name;
  cli::Command (*command)();  // for help, man page and completions
  Run run;
  bool hidden = false;    // for packaging; not in help
  Pages pages = nullptr;  // where such a call serves its status pages, "" = nowhere; null: this verb has none
};

const std::vector<Verb>& verbs();
const Verb* find_verb(std::string_view name);

cli::Command agent_command();
int run_agent(const Invocation& invocation);
std::string pages_of_agent(const Invocation& invocation);
cli::Command render_command();
int run_render(const Invocation& invocation);
std::string pages_of_render(const Invocation& invocation);
cli::Command up_command();
int run_up(const Invocation& invocation);
std::string pages_of_up(const Invocation& invocation);
cli::Command registry_command();
int run_registry(const Invocation& invocation);
std::string pages_of_registry(const Invocation& invocation);
cli::Command plan_command();
int run_plan(const Invocation& invocation);
cli::Command why_command();
int run_why(const Invocation& invocation);
cli::Command drain_command();
int run_drain(const Invocation& invocation);
cli::Command undrain_command();
int run_undrain(const Invocation& invocation);
cli::Command stop_command();
int run_stop(const Invocation& invocation);
cli::Command docker_proxy_command();
int run_docker_proxy(const Invocation& invocation);
std::string pages_of_docker_proxy(const Invocation& invocation);
cli::Command release_command();
int run_release(const Invocation& invocation);
cli::Command forget_command();
int run_forget(const Invocation& invocation);
cli::Command deploy_command();
int run_deploy(const Invocation& invocation);
cli::Command scale_command();
int run_scale(const Invocation& invocation);
cli::Command health_command();
int run_health(const Invocation& invocation);
cli::Command status_command();
int run_status(const Invocation& invocation);
cli::Command man_command();
int run_man(const Invocation& invocation);
cli::Command completion_command();
int run_completion(const Invocation& invocation);
cli::Command version_command();
int run_version(const Invocation& invocation);

}  // namespace longshore::app
