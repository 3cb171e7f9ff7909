// Whom `longshore health` asks when nobody tells it. Beside a longshore that is process 1, as in our images, that one,
// where its own options, variables and files put its pages: what the check of an image asks is always its container's.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/cli/parser.h"

namespace longshore::app {

struct FirstProcess {
  std::vector<std::string> argv;  // empty: not one of ours, or not to be seen
  cli::Environment environment;
};

// Process 1 as `proc` shows it, or what an init started ("/sbin/docker-init -- longshore render"). Its environment is
// `own` where only its owner may see it.
FirstProcess read_first_process(const cli::Environment& own, const std::string& proc = "/proc");

struct HealthTarget {
  std::string address;                   // "" = there is nobody to ask
  std::optional<std::string> runs = {};  // what process 1 is, if it is ours
  bool operator==(const HealthTarget&) const = default;
};

// Else the first of LONGSHORE_HTTP_ADDR, LONGSHORE_AGENT_HTTP_ADDR, _RENDER_, _REGISTRY_, _PROXY_ that is not empty;
// else the agent's usual address. Reads the configuration files that process 1 names.
HealthTarget health_target(const FirstProcess& first, const cli::Environment& own);

}  // namespace longshore::app
