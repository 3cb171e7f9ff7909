// The whole conversation between AgentMachine and its shell: what can be told to it, and what it can ask for.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/base/log_line.h"
#include "common/base/result.h"
#include "common/consul/model.h"
#include "common/docker/model.h"

namespace longshore::agent {

namespace input {

// `session`: of the ConnectDocker that it belongs to; what comes from an older one is ignored.
struct DockerConnected {
  std::uint64_t session = 0;
  docker::Engine engine;
};
// No connection, or its event stream ended.
struct DockerLost {
  std::uint64_t session = 0;
  Error error;
};
struct DockerEvent {
  std::uint64_t session = 0;
  docker::Event event;
};
struct DockerListed {
  std::uint64_t ticket = 0;
  Result<std::vector<docker::ContainerSummary>> rows;
};
struct Inspected {
  std::string id;
  std::uint64_t ticket = 0;
  Result<docker::Container> container;
};
struct SelfLoaded {
  Result<consul::AgentSelf> self;
};
struct ServicesLoaded {
  std::uint64_t ticket = 0;
  Result<std::map<std::string, consul::Service>> services;
};
// IDs that have a withdrawal note of this node.
struct WithdrawalsLoaded {
  Result<std::vector<std::string>> ids;
};
struct Registered {
  std::string id;
  Status status;
};
struct Withdrawn {
  std::string id;
  Status status;
};
struct Deregistered {
  std::string id;
  Status status;
};
struct WithdrawalForgotten {
  std::string id;
  Status status;
};
// An answer to httpGet of a tag template, whatever its status.
struct Fetched {
  std::string url;
  Result<std::string> body;
};
// next_wake() has passed.
struct Timer {};
// Read everything again (HUP).
struct Reload {};
struct Stop {};

}  // namespace input

using Input = std::variant<input::DockerConnected, input::DockerLost, input::DockerEvent, input::DockerListed,
                           input::Inspected, input::SelfLoaded, input::ServicesLoaded, input::WithdrawalsLoaded,
                           input::Registered, input::Withdrawn, input::Deregistered, input::WithdrawalForgotten,
                           input::Fetched, input::Timer, input::Reload, input::Stop>;

namespace action {

// Connect, subscribe to events, then say DockerConnected, then pass on every event. Ends an older session.
struct ConnectDocker {
  std::uint64_t session = 0;
  bool operator==(const ConnectDocker&) const = default;
};
struct ListContainers {
  std::uint64_t ticket = 0;
  bool all = false;  // not only running ones
  bool operator==(const ListContainers&) const = default;
};
struct Inspect {
  std::string id;
  std::uint64_t ticket = 0;
  bool operator==(const Inspect&) const = default;
};
struct LoadSelf {
  bool operator==(const LoadSelf&) const = default;
};
// only_id: "" = all.
struct LoadServices {
  std::uint64_t ticket = 0;
  std::string only_id;
  bool operator==(const LoadServices&) const = default;
};
struct LoadWithdrawals {
  std::string node;
  bool operator==(const LoadWithdrawals&) const = default;
};
struct Register {
  consul::Registration service;
  bool replace_checks = false;
  bool operator==(const Register&) const = default;
};
// Writes KV withdrawn/<node>/<service-id>: this entry is about to go on purpose. Always before Deregister.
struct Withdraw {
  std::string node;
  consul::Service service;
  std::string reason;
  bool operator==(const Withdraw&) const = default;
};
struct Deregister {
  std::string id;
  bool operator==(const Deregister&) const = default;
};
struct ForgetWithdrawal {
  std::string node;
  std::string id;
  bool operator==(const ForgetWithdrawal&) const = default;
};
// httpGet of a tag template: GET the page, then say Fetched.
struct Fetch {
  std::string url;
  bool operator==(const Fetch&) const = default;
};
// The last action: nothing is in flight any more.
struct Finish {
  bool operator==(const Finish&) const = default;
};

}  // namespace action

using Action =
    std::variant<base::LogLine, action::ConnectDocker, action::ListContainers, action::Inspect, action::LoadSelf,
                 action::LoadServices, action::LoadWithdrawals, action::Register, action::Withdraw, action::Deregister,
                 action::ForgetWithdrawal, action::Fetch, action::Finish>;
using Actions = std::vector<Action>;

}  // namespace longshore::agent
