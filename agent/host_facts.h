// What the operating system says of this host. Reads files and asks the resolver: once, before the loop starts.
#pragma once
#include <string>
#include <string_view>

#include "agent/core/agent_options.h"
#include "agent/core/node_facts.h"

namespace longshore::agent {

// Everything but the nonce. Never fails: what cannot be found stays empty. The host name is looked up only where these
// options may lead to its address: a name server that does not answer would hold up the start.
LocalFacts read_local_facts(const AgentOptions& options);
// The same at a reload: addresses of interfaces anew, everything else as it was, but for the host name's address where
// these options need one that was not looked up yet.
LocalFacts reread_local_facts(const AgentOptions& options, LocalFacts before);
// Can the address that the host name resolves to matter, with this address of the default route's interface?
bool needs_hostname_address(const AgentOptions& options, std::string_view interface_address);

// First global address of the interface with the default route: "" = no default route or no such address.
std::string default_route_address();

// The container that a process with this /proc/self/mountinfo runs in: Docker and Podman mount /etc/hostname and the
// like from a directory that is named after it. "" = none.
std::string own_container_id(std::string_view mountinfo);

// Random, kept in <state_dir>/agent and bound to this machine's id: the copy of a disk gets another one. When it
// cannot be kept, one derived from the machine's id, and `warning` says why.
struct Nonce {
  std::string value;
  std::string warning;
};
// state_dir "" = keep nothing.
Nonce load_nonce(const std::string& state_dir);

}  // namespace longshore::agent
