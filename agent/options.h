// The verb's options and environment, read into a validated AgentConfig. Pure but for the files that settings name.
#pragma once
#include <string>

#include "agent/agent.h"
#include "common/cli/parser.h"

namespace longshore::agent {

// Under the compatibility name: Registrator's options only, no environment variables of ours.
cli::OptionTable agent_options(bool compatible);

struct AgentSetup {
  AgentConfig config;
  std::string state_dir;  // "" = none
};

// At most one positional, the registry's URI (compatible: exactly one). Errors: invalid_input is a wrong call;
// rejected is a refused combination or URI, with which Registrator exits 1.
// config.local is left to the caller: it asks the system.
Result<AgentSetup> agent_setup(const cli::Parsed& parsed, const cli::Environment& environment, bool compatible);

// consul://host:port, consul:, consul-unix:///path, consul-tls://host:port, consulkv://host:port/prefix,
// consulkv-unix:///path:/prefix onto what the environment says. The answer is the prefix of keys, "" = not consulkv.
Result<std::string> apply_uri(consul::ClientSettings& settings, std::string_view uri, bool compatible);

// DOCKER_HOST, DOCKER_TLS_VERIFY (any value), DOCKER_CERT_PATH, DOCKER_API_VERSION. Without DOCKER_HOST
// /var/run/docker.sock, or /tmp/docker.sock when only that exists; compatible: /tmp/docker.sock, or the other one when
// only that exists.
using FileExists = bool (*)(const std::string& path);
Result<docker::ClientSettings> docker_settings(const cli::Environment& environment, bool compatible, FileExists exists);

}  // namespace longshore::agent
