// A session as the registry keeps it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/duration.h"

namespace longshore::registry {

struct SessionRecord {
  std::string id;  // UUID
  std::string name;
  std::string node;
  base::Duration ttl{};  // 0 = never expires
  std::string ttl_text;  // as it was sent
  base::Duration lock_delay = std::chrono::seconds(15);
  std::string behavior = "release";  // or "delete"
  std::vector<std::string> node_checks;
  std::uint64_t created = 0;
  std::uint64_t modified = 0;
  base::TimePoint expires{};  // only with a TTL; not written down
};

}  // namespace longshore::registry
