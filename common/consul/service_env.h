// Environments on one Consul: whose is an instance? Meta longshore-env says it; without it an instance is of the
// environment without a name, and "*" is for everybody. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/consul/model.h"

namespace longshore::consul {

inline constexpr std::string_view kEnvironmentMeta = "longshore-env";

// "" where the instance names none.
inline std::string environment_of(const Service& service) {
  const auto found = service.meta.find(std::string(kEnvironmentMeta));
  return found == service.meta.end() ? std::string() : found->second;
}

// `environment`: "" = the one without a name.
inline bool belongs_to(const Service& service, std::string_view environment) {
  const std::string own = environment_of(service);
  return own == environment || own == "*";
}

inline void keep_environment(std::vector<ServiceEntry>& entries, std::string_view environment) {
  std::erase_if(entries, [&](const ServiceEntry& entry) { return !belongs_to(entry.service, environment); });
}

// "E" of "longshore/E/", "" of "longshore/": what a KV prefix is for.
inline std::string environment_of_prefix(std::string_view prefix) {
  constexpr std::string_view kHead = "longshore/";
  if (!prefix.starts_with(kHead)) return {};
  prefix.remove_prefix(kHead.size());
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return std::string(prefix);
}

}  // namespace longshore::consul
