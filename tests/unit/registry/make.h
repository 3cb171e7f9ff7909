// Stores and requests for the registry's tests.
#pragma once
#include "common/registry/routes.h"
#include "common/registry/store.h"

namespace longshore::registry::test {

inline base::TimePoint at(base::Duration since_start) {
  return base::TimePoint(std::chrono::hours(1)) + since_start;
}

inline Store make_store() {
  Identity identity;
  identity.node = "n1";
  identity.address = "127.0.0.1";
  identity.datacenter = "dc1";
  Store store(identity, 1);
  store.start();
  store.take_changes();
  return store;
}

inline consul::Registration service(const std::string& id, const std::string& name) {
  consul::Registration registration;
  registration.id = id;
  registration.name = name;
  return registration;
}

inline consul::Registration service_with_ttl(const std::string& id, const std::string& name, base::Duration ttl) {
  consul::Registration registration = service(id, name);
  consul::CheckDefinition check;
  check.ttl = ttl;
  registration.checks.push_back(check);
  return registration;
}

inline net::Request request(const std::string& method, const std::string& target, const std::string& body = {}) {
  net::Request out;
  out.method = method;
  out.target = target;
  out.body = body;
  return out;
}

// The answer of a request that must not wait.
inline net::Response answer(Store& store, const std::string& method, const std::string& target,
                            const std::string& body = {}, base::TimePoint now = at({})) {
  const net::Request sent = request(method, target, body);
  const Outcome outcome = route(store, Call{sent, now, 0, std::nullopt});
  const auto* response = std::get_if<net::Response>(&outcome);
  if (response != nullptr) return *response;
  net::Response waits;
  waits.status = -1;
  return waits;
}

inline bool touches(const Changes& changes, Topic::Kind kind, const std::string& key = {}) {
  for (const Topic& topic : changes.topics)
    if (topic == Topic{kind, key}) return true;
  return false;
}

}  // namespace longshore::registry::test
