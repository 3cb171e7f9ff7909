// What DeployRun reads of Docker's and Consul's answers.
#pragma once
#include <string>

#include "common/consul/model.h"
#include "common/json/json.h"
#include "common/net/endpoint.h"

namespace longshore::app::facts {

inline const json::Value& member(const json::Value& object, const char* key) {
  static const json::Value kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

inline std::string text_at(const json::Value& object, const char* key) {
  const json::Value& found = member(object, key);
  return found.is_string() ? found.get<std::string>() : std::string();
}

inline bool is_running(const json::Value& body) {
  const json::Value& running = member(member(body, "State"), "Running");
  return running.is_boolean() && running.get<bool>();
}

// Between two lives.
inline bool is_restarting(const json::Value& body) {
  const json::Value& restarting = member(member(body, "State"), "Restarting");
  return restarting.is_boolean() && restarting.get<bool>();
}

// Its restart policy starts it again and again. Docker counts from its last start by hand.
inline bool keeps_ending(const json::Value& body) {
  constexpr int kTries = 3;
  const json::Value& count = member(body, "RestartCount");
  return count.is_number_integer() && count.get<std::int64_t>() >= kTries;
}

inline std::string container_of(const consul::Service& service) {
  const auto found = service.meta.find("longshore-container");
  return found == service.meta.end() ? std::string() : found->second;
}

inline std::string address_of(const consul::ServiceEntry& entry) {
  const std::string& host = entry.service.address.empty() ? entry.node.address : entry.service.address;
  return net::join_host_port(host, entry.service.port);
}

}  // namespace longshore::app::facts
