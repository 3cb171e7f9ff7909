// SERVICE_* variables and labels of a container, seen from one port. Source: Registrator, bridge/util.go
// serviceMetaData.
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
  std::set<std::string> from_port;            // keys that came from SERVICE_<port>_<key>

  // The value, or "" when it is missing; an empty value counts as missing everywhere.
  std::string_view get(std::string_view key) const;
  bool operator==(const Metadata&) const = default;
};

// Port-scoped beats unscoped, then labels beat variables, then the later one wins (labels: in byte order of keys).
Metadata metadata_for(const docker::Container& container, std::uint16_t container_port);

// A comma-separated list; "\," is a comma inside an item; empty items are dropped.
std::vector<std::string> split_tags(std::string_view text);

// Whether a switch such as CHECK_TCP or IGNORE is on: not empty and, unless compatible (Registrator takes any
// value), none of 0 f false n no off.
bool is_on(std::string_view value, bool compatible);

}  // namespace longshore::agent
