#include "common/main/verbs.h"

namespace longshore::app {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> table = {
      {"agent", agent_command, run_agent, false, pages_of_agent},
      {"render", render_command, run_render, false, pages_of_render},
      {"registry", registry_command, run_registry, false, pages_of_registry},
      {"up", up_command, run_up, false, pages_of_up},
      {"status", status_command, run_status},
      {"plan", plan_command, run_plan},
      {"why", why_command, run_why},
      {"drain", drain_command, run_drain},
      {"undrain", undrain_command, run_undrain},
      {"stop", stop_command, run_stop},
      {"docker-proxy", docker_proxy_command, run_docker_proxy, false, pages_of_docker_proxy},
      {"forget", forget_command, run_forget},
      {"release", release_command, run_release},
      {"deploy", deploy_command, run_deploy},
      {"scale", scale_command, run_scale},
      {"health", health_command, run_health},
      {"version", version_command, run_version},
      {"man", man_command, run_man, true},
      {"completion", completion_command, run_completion, true},
  };
  return table;
}

const Verb* find_verb(std::string_view name) {
  for (const Verb& verb : verbs())
    if (verb.name == name) return &verb;
  return nullptr;
}

}  // namespace longshore::app
