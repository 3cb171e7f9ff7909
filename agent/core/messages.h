// The whole conversation between AgentMachine and its shell: what can be told to it, and what it can ask for.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/node_facts.h"
#include "common/base/log_line.h"
#include "common/base/result.h"
#include "common/consul/model.h"
#include "common/docker/model.h"

namespace longshore::agent {

// One key below drains/<node>/. Its existence is the request; members say how and why.
struct DrainRecord {
  std::string target;  // a service ID, "container:<id or name>", "*"
  LeaveBy by = LeaveBy::maintain;
  std::string reason;
  std::string author;
  std::string problem;  // what was wrong with the value, which then counts as {}
  bool operator==(const DrainRecord&) const = default;
};
struct DrainsAnswer {
  std::vector<DrainRecord> records;
  std::uint64_t index = 0;
};

// What a note in KV says of an entry that left on purpose.
struct WithdrawalNote {
  std::string id;         // of the service
  std::string container;  // the first digits of its ID, "" = not known
  std::string reason;     // "stopping: signal 15"
  std::string at;         // RFC 3339
};

// held: the owner's key is ours now, by that session; else `holder` is what the other one says of itself.
struct LockAnswer {
  std::string session;
  bool held = false;
  std::string holder;
};

// What Consul's own failure detector says of a node: its check serfHealth.
struct NodeHealth {
  std::string node;
  bool failed = false;
  std::uint64_t index = 0;  // of the check's last change
  bool operator==(const NodeHealth&) const = default;
};

// What became of the wish to remove a lost node.
enum class ReapOutcome {
  removed,
  alive,     // it came back, or an agent of ours answers for it
  kept,      // -reap-check says that it must stay
  unclear,   // -reap-check could not tell
  not_ours,  // another agent is the reaper now
  failed,    // Consul did not do it
};

// What the agent lists: services by ID, and the reasons of those in maintenance.
struct AgentListing {
  std::map<std::string, consul::Service> services;
  std::map<std::string, std::string> maintenance;
};

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
  Result<AgentListing> listing;
};
// The withdrawal notes of this node.
struct WithdrawalsLoaded {
  Result<std::vector<WithdrawalNote>> notes;
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
struct MaintenanceSet {
  std::string id;
  bool enabled = false;
  std::string reason;
  Status status;
};
struct DrainsLoaded {
  std::uint64_t ticket = 0;
  Result<DrainsAnswer> records;
};
struct CheckFed {
  std::string check_id;
  Status status;  // not_found: the agent has no such TTL check
};
struct OwnerLocked {
  std::uint64_t ticket = 0;
  Result<LockAnswer> answer;
};
struct SessionRenewed {
  std::uint64_t ticket = 0;
  Status status;  // not_found: it is gone
};
// owner_key()s of this node that a session holds.
struct OwnersLoaded {
  Result<std::set<std::string>> alive;
};
struct SessionEnded {};
struct ReapLed {
  std::uint64_t ticket = 0;
  Result<LockAnswer> answer;
};
struct NodesLoaded {
  std::uint64_t ticket = 0;
  Result<std::vector<NodeHealth>> nodes;
};
struct NodeReaped {
  std::uint64_t ticket = 0;
  std::string node;
  ReapOutcome outcome = ReapOutcome::failed;
  std::string detail;
};
// Where the catalog has this agent's own node: the index at which it was created, 0 = it is not there.
struct OwnNodeLoaded {
  std::uint64_t ticket = 0;
  Result<std::uint64_t> created;
};
// next_wake() has passed.
struct Timer {};
// Read everything again (HUP), maybe with other options and facts of the host. Of the options only those count that
// need no new start, see agent/reread.h; of the facts not what is known of the agent itself.
struct Reload {
  std::optional<AgentOptions> options = {};
  std::optional<LocalFacts> local = {};
};
struct Stop {};

}  // namespace input

using Input =
    std::variant<input::DockerConnected, input::DockerLost, input::DockerEvent, input::DockerListed, input::Inspected,
                 input::SelfLoaded, input::ServicesLoaded, input::WithdrawalsLoaded, input::Registered,
                 input::Withdrawn, input::Deregistered, input::WithdrawalForgotten, input::Fetched,
                 input::MaintenanceSet, input::DrainsLoaded, input::CheckFed, input::OwnerLocked, input::SessionRenewed,
                 input::OwnersLoaded, input::SessionEnded, input::ReapLed, input::NodesLoaded, input::NodeReaped,
                 input::OwnNodeLoaded, input::Timer, input::Reload, input::Stop>;

namespace action {

// Connect, subscribe to events, then say DockerConnected, then pass on every event. Ends an older session.
// since: the engine's time, in nanoseconds, of the last event that is known; what it remembers from then on comes
// first. 0 = only what happens from now on.
struct ConnectDocker {
  std::uint64_t session = 0;
  std::int64_t since = 0;
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
// only_id: "" = all, and the maintenance of all; else that service alone.
struct LoadServices {
  std::uint64_t ticket = 0;
  std::string only_id;
  bool operator==(const LoadServices&) const = default;
};
struct LoadWithdrawals {
  std::string node;
  bool operator==(const LoadWithdrawals&) const = default;
};
// replace_checks: checks of the service that are not in the registration must go, its maintenance must not.
struct Register {
  consul::Registration service;
  bool replace_checks = false;
  // Not empty: this maintenance must be told to the catalog anew, before the service is.
  std::string maintenance = {};
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
struct SetMaintenance {
  std::string id;
  bool enable = false;
  std::string reason;
  bool operator==(const SetMaintenance&) const = default;
};
// index 0: what is there now, confirmed by a quorum.
struct LoadDrains {
  std::uint64_t ticket = 0;
  std::string node;
  std::uint64_t index = 0;
  base::Duration wait{};
  base::Duration time_limit{};
  bool operator==(const LoadDrains&) const = default;
};
struct FeedCheck {
  std::string check_id;
  std::string service_id;
  std::string status;
  std::string output;
  bool operator==(const FeedCheck&) const = default;
};
// Makes a session (unless `session` is one) and takes the owner's key with it. A holder that is provably dead (a
// process of this machine that ended) is dispossessed.
struct LockOwner {
  std::uint64_t ticket = 0;
  std::string node;
  std::string owner;
  std::string session;
  bool operator==(const LockOwner&) const = default;
};
struct RenewSession {
  std::uint64_t ticket = 0;
  std::string session;
  bool operator==(const RenewSession&) const = default;
};
struct LoadOwners {
  std::string node;
  bool operator==(const LoadOwners&) const = default;
};
struct EndSession {
  std::string session;
  bool operator==(const EndSession&) const = default;
};
// Makes the reaper's key that session's when nobody holds it.
struct LeadReap {
  std::uint64_t ticket = 0;
  std::string session;
  bool operator==(const LeadReap&) const = default;
};
struct LoadNodes {
  std::uint64_t ticket = 0;
  bool operator==(const LoadNodes&) const = default;
};
// Removes the node from the catalog unless anything has changed: the reaper's key, its check, its agents' keys.
struct ReapNode {
  std::uint64_t ticket = 0;
  std::string session;
  std::string node;
  std::uint64_t index = 0;  // of the check when it was found failed
  base::Duration failed_for{};
  bool operator==(const ReapNode&) const = default;
};
struct LoadOwnNode {
  std::uint64_t ticket = 0;
  std::string node;
  bool operator==(const LoadOwnNode&) const = default;
};
// The last action: nothing is in flight any more.
struct Finish {
  bool operator==(const Finish&) const = default;
};

}  // namespace action

using Action =
    std::variant<base::LogLine, action::ConnectDocker, action::ListContainers, action::Inspect, action::LoadSelf,
                 action::LoadServices, action::LoadWithdrawals, action::Register, action::Withdraw, action::Deregister,
                 action::ForgetWithdrawal, action::Fetch, action::SetMaintenance, action::LoadDrains, action::FeedCheck,
                 action::LockOwner, action::RenewSession, action::LoadOwners, action::EndSession, action::LeadReap,
                 action::LoadNodes, action::ReapNode, action::LoadOwnNode, action::Finish>;
using Actions = std::vector<Action>;

}  // namespace longshore::agent
