// SERVICE_* variables and labels of a container, seen from one port. Source: Registrator, bridge/util.go
// serviceMetaData; protocols and ranges in keys are ours.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/docker/model.h"

namespace longshore::agent {

struct Metadata {
  std::map<std::string, std::string> values;  // keys lower-case, without SERVICE_ and without the port
  std::set<std::string> from_port;            // keys that came from SERVICE_<port>_<key> or from a range

  // The value, or "" when it is missing; an empty value counts as missing everywhere.
  std::string_view get(std::string_view key) const;
  // The same, but only when it was given for this port.
  std::string_view get_scoped(std::string_view key) const;
  bool operator==(const Metadata&) const = default;
};

// The narrower scope wins: SERVICE_KEY, SERVICE_<a>-<b>_KEY, SERVICE_<a>-<b>_<protocol>_KEY, SERVICE_<port>_KEY,
// SERVICE_<port>_<protocol>_KEY. In one scope labels beat variables, then the later one wins (labels: in byte order of
// keys). Compatible: only the first and the fourth exist. Port 0 (a service without port): only the first.
Metadata metadata_for(const docker::Container& container, docker::Port port, bool compatible);

// Ports that the metadata itself names, whatever Docker says of them.
struct DeclaredPorts {
  // SERVICE_PORTS was given: these and no others take part. Malformed items are in `malformed`.
  bool listed = false;
  bool none = false;             // SERVICE_PORTS=none: one service without a port
  std::set<docker::Port> list;   // of SERVICE_PORTS
  std::set<docker::Port> named;  // those with a SERVICE_<port>_NAME or SERVICE_<port>_<protocol>_NAME
  std::vector<std::string> malformed;
  bool operator==(const DeclaredPorts&) const = default;
};
DeclaredPorts declared_ports(const docker::Container& container);

// A comma-separated list; "\," is a comma inside an item; empty items are dropped.
std::vector<std::string> split_tags(std::string_view text);

// Whether a switch such as CHECK_TCP or IGNORE is on: not empty and, unless compatible (Registrator takes any
// value), none of 0 f false n no off.
bool is_on(std::string_view value, bool compatible);

}  // namespace longshore::agent
