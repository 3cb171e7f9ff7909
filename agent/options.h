// The verb's options and environment, read into a validated AgentConfig. Pure but for the files that settings name.
#pragma once
#include <optional>
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

// What a registry URI says: consul://host:port, consul:, consul-unix:///path, consul-tls://host:port,
// consulkv://host:port/prefix, consulkv-unix:///path:/prefix.
struct RegistryUri {
  std::optional<net::Endpoint> endpoint;  // nothing: the environment says where
  bool tls = false;                       // consul-tls
  std::string prefix;                     // of keys; "" = not consulkv
};
Result<RegistryUri> parse_registry_uri(std::string_view uri, bool compatible);

// How to reach Consul. A URI that names a host or a socket takes the place of CONSUL_HTTP_ADDR, which is then not even
// read: only CONSUL_HTTP_SSL and the scheme decide about TLS. Source: Registrator's Consul adapter, and DefaultConfig
// and NewClient of the api package that it pins.
Result<consul::ClientSettings> consul_settings(const RegistryUri& uri, cli::Environment environment);

// DOCKER_HOST, DOCKER_TLS_VERIFY (any value), DOCKER_CERT_PATH, DOCKER_API_VERSION. Without DOCKER_HOST
// /var/run/docker.sock, or /tmp/docker.sock when only that exists; compatible: /tmp/docker.sock, or the other one when
// only that exists.
using FileExists = bool (*)(const std::string& path);
Result<docker::ClientSettings> docker_settings(const cli::Environment& environment, bool compatible, FileExists exists);

}  // namespace longshore::agent
