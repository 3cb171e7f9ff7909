// User events: named messages that `consul event` fires and `consul watch -type=event` waits for. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace longshore::registry {

struct Event {
  std::string id;  // UUID
  std::string name;
  std::optional<std::string> payload;  // bytes; nothing when there was no body
  // Regular expressions of those who are meant; "" = everybody. A tag needs a service.
  std::string node_filter;
  std::string service_filter;
  std::string tag_filter;
  std::uint64_t time = 0;   // Lamport time: here the number of the event
  std::uint64_t index = 0;  // of the registry, for blocking queries
};

}  // namespace longshore::registry
