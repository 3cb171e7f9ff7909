#include "agent/options_life.h"

namespace longshore::agent {
namespace {

Status check_on_stop(std::string_view text) {
  if (text == "maintain" || text == "deregister") return {};
  return fail(Errc::invalid_input, "use maintain or deregister");
}

Status check_on_exit(std::string_view text) {
  if (text == "keep" || text == "maintain" || text == "deregister") return {};
  return fail(Errc::invalid_input, "use keep, maintain or deregister");
}

}  // namespace

cli::OptionTable life_options() {
  const std::string group("Leaving, health, lost hosts");
  return cli::OptionTable({
      {.names = {"on-stop"},
       .value_name = "HOW",
       .help = "From a container's stop signal to its end: maintain, or deregister at once. Label SERVICE_ON_STOP.",
       .fallback = "maintain",
       .env = {"LONGSHORE_AGENT_ON_STOP"},
       .group = group,
       .check = check_on_stop},
      {.names = {"on-exit"},
       .value_name = "HOW",
       .help = "When the agent itself is stopped: keep its services, maintain (until it is back), or deregister.",
       .fallback = "keep",
       .env = {"LONGSHORE_AGENT_ON_EXIT"},
       .group = group,
       .check = check_on_exit},
      {.names = {"docker-health"},
       .kind = cli::Kind::boolean,
       .help = "Make a check of Docker's HEALTHCHECK.",
       .fallback = "true",
       .group = group},
      {.names = {"lease"},
       .kind = cli::Kind::duration,
       .help = "A check that this agent renews; unrenewed for so long it is critical, and then the service goes. 0 = "
               "none. Label SERVICE_LEASE.",
       .fallback = "0s",
       .env = {"LONGSHORE_AGENT_LEASE"},
       .group = group},
      {.names = {"reap-after"},
       .kind = cli::Kind::duration,
       .help = "Remove nodes from Consul that have been failed for so long, 10s or more; one agent of all does it. 0 = "
               "never.",
       .fallback = "0s",
       .env = {"LONGSHORE_AGENT_REAP_AFTER"},
       .group = group},
      {.names = {"reap-check"},
       .value_name = "CMD",
       .help = "Ask this shell command before a node is removed; LONGSHORE_NODE, _NODE_ADDRESS, _FAILED_SINCE and "
               "_FAILED_SECONDS tell of it. Exit code 0 = it is gone, remove it; 1 = keep it; others = not known, keep "
               "it and warn.",
       .env = {"LONGSHORE_AGENT_REAP_CHECK"},
       .group = group},
      {.names = {"reap-check-timeout"},
       .kind = cli::Kind::duration,
       .help = "Kill that command after this time.",
       .fallback = "30s",
       .group = group},
      {.names = {"reap-limit"},
       .kind = cli::Kind::integer,
       .value_name = "PERCENT",
       .help = "While more nodes than this are failed none is removed. 100 = no limit.",
       .fallback = "50",
       .group = group,
       .min = 1,
       .max = 100},
      {.names = {"probation"},
       .kind = cli::Kind::duration,
       .help = "Entries that only look like ours go after this time.",
       .fallback = "1m0s",
       .group = group},
  });
}

Status life_values(const cli::Parsed& parsed, AgentOptions& options) {
  options.on_stop = parsed.text("on-stop") == "deregister" ? LeaveBy::deregister : LeaveBy::maintain;
  const std::string& on_exit = parsed.text("on-exit");
  if (on_exit == "maintain") options.on_exit = OnExit::maintain;
  if (on_exit == "deregister") options.on_exit = OnExit::deregister;
  options.docker_health = parsed.boolean("docker-health");
  options.lease = parsed.duration("lease");
  options.probation = parsed.duration("probation");
  options.reap_after = parsed.duration("reap-after");
  options.reap_limit = static_cast<int>(parsed.integer("reap-limit"));
  if (options.reap_after.count() < 0 ||
      (options.reap_after.count() > 0 && options.reap_after < std::chrono::seconds(10)))
    return fail(Errc::invalid_input, "-reap-after is at least 10s, or 0: Consul itself needs some seconds to be sure");
  if (options.lease.count() < 0 || (options.lease.count() > 0 && options.lease < std::chrono::seconds(1)))
    return fail(Errc::invalid_input, "-lease is at least 1s, or 0");
  if (options.probation.count() < 0) return fail(Errc::invalid_input, "-probation is not negative");
  return {};
}

Result<ReapSettings> reap_values(const cli::Parsed& parsed, const AgentOptions& options) {
  ReapSettings out;
  out.check = parsed.text("reap-check");
  out.check_limit = parsed.duration("reap-check-timeout");
  if (out.check_limit.count() <= 0) return fail(Errc::invalid_input, "-reap-check-timeout must be positive");
  if (!out.check.empty() && options.reap_after.count() == 0)
    return fail(Errc::invalid_input, "-reap-check does nothing without -reap-after");
  return out;
}

}  // namespace longshore::agent
