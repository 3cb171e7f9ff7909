// A dialogue with AgentMachine: say an input, read the answer as lines. Tickets are kept here, as the shell would.
//   connect 1 · connect 2 since <engine's nanoseconds> · list · inspect aaaa · self · services · look <id> · notes
//   <node> · register <id> · withdraw <id>: why deregister <id> · maintain <id>: why · release <id> · feed <check>:
//   status output · drains <node> · lock <owner> renew <session> · owners <node> · end <session> · forget <id> · finish
//   · log lines as "info event=… key=value"
#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "agent/core/machine.h"
#include "tests/unit/agent/make.h"

namespace longshore::agent::test {

using Lines = std::vector<std::string>;

inline bool has(const Lines& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// Whether Consul would be told anything.
inline bool writes(const Lines& lines) {
  constexpr std::string_view kWrites[] = {"register ", "withdraw ", "release ", "maintain ", "feed "};
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return std::any_of(std::begin(kWrites), std::end(kWrites),
                       [&](std::string_view one) { return line.starts_with(one); });
  });
}
using std::chrono::milliseconds;
using std::chrono::seconds;

inline docker::Container web(std::string name, char digit, std::uint16_t host_port,
                             std::string started = "2024-01-01T00:00:00Z") {
  docker::Container out = container(std::move(name), digit);
  out.published = published("80/tcp=0.0.0.0:" + std::to_string(host_port));
  out.state.started_at = std::move(started);
  return out;
}

inline docker::ContainerSummary row(char digit, std::string state = "running", std::uint64_t fingerprint = 1) {
  return {std::string(64, digit), {}, std::move(state), fingerprint};
}

class Talk {
 public:
  explicit Talk(AgentOptions options = {})
      : machine_(std::move(options), LocalFacts{"host", "127.0.1.1", "10.0.0.5", "nonce", {}, {}, {}}, 1) {}

  Lines start() { return read(machine_.start(now_)); }
  Lines say(const Input& input) { return read(machine_.step(input, now_)); }
  Lines wait(base::Duration time) {
    now_ += time;
    return say(input::Timer{});
  }
  // Waits for what the machine itself waits for.
  Lines wake() {
    now_ = std::max(now_, machine_.next_wake());
    return say(input::Timer{});
  }

  // Lets time pass until the machine asks for `wanted`, answering what else it reads as if nothing had changed. The
  // lines of that moment; empty when it never asks.
  Lines until(const std::string& wanted) {
    for (int i = 0; i < 1000 && machine_.next_wake() != base::TimePoint::max(); ++i) {
      const Lines lines = wake();
      if (std::find(lines.begin(), lines.end(), wanted) != lines.end()) return lines;
      answer_reads(lines);
    }
    return {};
  }
  // Consul lists what it was told; Docker lists what it listed last.
  void answer_reads(const Lines& lines) {
    for (const std::string& line : lines) {
      if (line == "services") services(consul_);
      if (line.starts_with("look ")) {
        const auto found = consul_.find(line.substr(5));
        services(found == consul_.end() ? std::map<std::string, consul::Service>{}
                                        : std::map<std::string, consul::Service>{*found});
      }
      if (line.starts_with("list")) listed(rows_);
    }
  }

  // engine_time: its clock, nanoseconds; 0 = it does not say.
  Lines connected(std::int64_t engine_time = 0) {
    return say(input::DockerConnected{session_, {"engine", "box", "20.10.24", "1.41", {}, engine_time}});
  }
  Lines lost(std::string why = "gone", Errc code = Errc::unreachable) {
    return say(input::DockerLost{session_, {code, std::move(why)}});
  }
  Lines listed(std::vector<docker::ContainerSummary> rows) {
    rows_ = rows;
    return say(input::DockerListed{list_ticket_, rows});
  }
  Lines list_failed(std::string why, Errc code) {
    return say(input::DockerListed{list_ticket_, fail(code, std::move(why))});
  }
  Lines inspected(const docker::Container& container) {
    return say(input::Inspected{container.id, inspects_[container.id], container});
  }
  Lines inspect_failed(char digit, Errc code, std::string why = "no") {
    const std::string id(64, digit);
    return say(input::Inspected{id, inspects_[id], fail(code, std::move(why))});
  }
  Lines event(std::string action, char digit, std::map<std::string, std::string> attributes = {},
              std::string type = "container") {
    return say(input::DockerEvent{
        session_, {std::move(type), std::move(action), std::string(64, digit), std::move(attributes), 0}});
  }
  // An event with the engine's time of it, in nanoseconds.
  Lines event_at(std::int64_t time, std::string action, char digit,
                 std::map<std::string, std::string> attributes = {}) {
    return say(input::DockerEvent{
        session_, {"container", std::move(action), std::string(64, digit), std::move(attributes), time}});
  }
  Lines self(std::string advertise = "10.0.0.9") {
    return say(input::SelfLoaded{consul::AgentSelf{"node", "id", "dc1", "1.8.7", std::move(advertise)}});
  }
  Lines services(std::map<std::string, consul::Service> actual) {
    return say(input::ServicesLoaded{services_ticket_, AgentListing{std::move(actual), maintenance_}});
  }
  Lines services_failed(Errc code, std::string why) {
    return say(input::ServicesLoaded{services_ticket_, fail(code, std::move(why))});
  }
  Lines fetched(const std::string& url, Result<std::string> body) { return say(input::Fetched{url, std::move(body)}); }
  Lines registered(const std::string& id) { return say(input::Registered{id, {}}); }
  Lines register_failed(const std::string& id, Errc code, std::string why) {
    return say(input::Registered{id, fail(code, std::move(why))});
  }
  Lines withdrawn(const std::string& id) { return say(input::Withdrawn{id, {}}); }
  Lines deregistered(const std::string& id) { return say(input::Deregistered{id, {}}); }

  // From nothing to synced with these containers, answering every action with success. What is registered afterwards
  // is in consul().
  void sync(std::vector<docker::Container> containers) {
    start();
    self();
    services({});
    connected();
    std::vector<docker::ContainerSummary> rows;
    for (const auto& one : containers) rows.push_back({one.id, {}, "running", 1});
    listed(rows);
    for (const auto& one : containers) inspected(one);
    settle();
  }
  // Answers registrations, withdrawals and deregistrations until none is open; returns all lines meanwhile.
  Lines settle() {
    Lines all;
    while (!open_.empty()) {
      const std::string line = open_.front();
      open_.erase(open_.begin());
      const std::string id = line.substr(line.find(' ') + 1);
      Lines said;
      if (line.starts_with("register ")) said = registered(id);
      if (line.starts_with("withdraw ")) said = withdrawn(id);
      if (line.starts_with("deregister ")) said = deregistered(id);
      if (line.starts_with("maintain ") || line.starts_with("release ")) said = maintained(id);
      if (line.starts_with("feed ")) said = fed(id);
      if (line.starts_with("forget ")) said = say(input::WithdrawalForgotten{id, {}});
      all.insert(all.end(), said.begin(), said.end());
    }
    return all;
  }

  // Lock and drains are answered without a line (nobody else is there, nothing is drained) unless this was called.
  void answer_life_by_hand() { by_hand_ = true; }
  Lines locked(std::string holder = "") {
    LockAnswer answer{holder.empty() ? "session" : "", holder.empty(), std::move(holder)};
    return say(input::OwnerLocked{lock_ticket_, answer});
  }
  Lines lock_failed(Errc code, std::string why) {
    return say(input::OwnerLocked{lock_ticket_, fail(code, std::move(why))});
  }
  Lines renewed(Status status = {}) { return say(input::SessionRenewed{lock_ticket_, std::move(status)}); }
  Lines drained(std::vector<DrainRecord> records) {
    return say(input::DrainsLoaded{drains_ticket_, DrainsAnswer{std::move(records), ++drains_index_}});
  }
  Lines maintained(const std::string& id, Status status = {}) {
    const auto at = maintenance_.find(id);
    const bool enabled = at != maintenance_.end();
    return say(input::MaintenanceSet{id, enabled, enabled ? at->second : "", std::move(status)});
  }
  Lines fed(const std::string& check, Status status = {}) { return say(input::CheckFed{check, std::move(status)}); }

  // The next looks find this node created at that index; 0 = it is not in the catalog.
  void node_created(std::uint64_t index) { node_created_ = index; }
  Lines led(std::string holder = "") {
    return say(input::ReapLed{lead_ticket_, LockAnswer{"", holder.empty(), std::move(holder)}});
  }
  Lines nodes(std::vector<NodeHealth> nodes) { return say(input::NodesLoaded{nodes_ticket_, std::move(nodes)}); }
  Lines reaped(std::string node, ReapOutcome outcome, std::string detail = "") {
    return say(input::NodeReaped{reap_ticket_, std::move(node), outcome, std::move(detail)});
  }

  // What earlier lives left in KV, told when the machine asks.
  void notes(std::vector<WithdrawalNote> notes) { notes_ = std::move(notes); }
  std::map<std::string, std::string>& maintenance() { return maintenance_; }
  const std::map<std::string, consul::Service>& consul() const { return consul_; }
  void forget_open() { open_.clear(); }
  AgentMachine& machine() { return machine_; }
  base::TimePoint now() const { return now_; }
  std::uint64_t session() const { return session_; }
  const consul::Registration& last_registration() const { return last_; }
  bool last_replaced() const { return replaced_; }
  // The maintenance that the last registration of this ID told the catalog anew, "" = none.
  const std::string& told_maintenance(const std::string& id) { return told_[id]; }

 private:
  Lines read(const Actions& actions) {
    Lines out;
    for (const Action& action : actions) {
      if (!by_hand_ && quiet(action, out)) continue;
      out.push_back(std::visit([this](const auto& one) { return this->line(one); }, action));
    }
    while (!pending_.empty()) {
      const Input next = std::move(pending_.front());
      pending_.erase(pending_.begin());
      const Lines more = read(machine_.step(next, now_));
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  }
  bool quiet(const Action& action, Lines&) {
    if (const auto* lock = std::get_if<action::LockOwner>(&action))
      pending_.push_back(input::OwnerLocked{lock->ticket, LockAnswer{"session", true, ""}});
    else if (const auto* renew = std::get_if<action::RenewSession>(&action))
      pending_.push_back(input::SessionRenewed{renew->ticket, {}});
    else if (std::holds_alternative<action::EndSession>(action))
      pending_.push_back(input::SessionEnded{});
    else if (const auto* own = std::get_if<action::LoadOwnNode>(&action))
      pending_.push_back(input::OwnNodeLoaded{own->ticket, node_created_});
    else if (const auto* drains = std::get_if<action::LoadDrains>(&action); drains == nullptr)
      return false;
    else if (drains_ticket_ = drains->ticket; drains->index == 0)
      pending_.push_back(input::DrainsLoaded{drains->ticket, DrainsAnswer{{}, ++drains_index_}});
    return true;
  }
  static std::string line(const base::LogLine& log) {
    return std::string(base::to_string(log.level)) + " " + base::to_text(log);
  }
  std::string line(const action::ConnectDocker& what) {
    session_ = what.session;
    return "connect " + std::to_string(what.session) + (what.since == 0 ? "" : " since " + std::to_string(what.since));
  }
  std::string line(const action::ListContainers& what) {
    list_ticket_ = what.ticket;
    return what.all ? "list all" : "list";
  }
  std::string line(const action::Inspect& what) {
    inspects_[what.id] = what.ticket;
    return "inspect " + what.id.substr(0, 4);
  }
  std::string line(const action::LoadSelf&) { return "self"; }
  std::string line(const action::LoadServices& what) {
    services_ticket_ = what.ticket;
    return what.only_id.empty() ? "services" : "look " + what.only_id;
  }
  std::string line(const action::LoadWithdrawals& what) {
    pending_.push_back(input::WithdrawalsLoaded{notes_});
    return "notes " + what.node;
  }
  std::string line(const action::Register& what) {
    last_ = what.service;
    replaced_ = what.replace_checks;
    told_[what.service.id] = what.maintenance;
    consul_.insert_or_assign(what.service.id, as_registered(what.service));
    return remember("register " + what.service.id);
  }
  std::string line(const action::Withdraw& what) {
    remember("withdraw " + what.service.id);
    return "withdraw " + what.service.id + ": " + what.reason;
  }
  std::string line(const action::Deregister& what) {
    consul_.erase(what.id);
    maintenance_.erase(what.id);
    return remember("deregister " + what.id);
  }
  std::string line(const action::ForgetWithdrawal& what) { return remember("forget " + what.id); }
  static std::string line(const action::Fetch& what) { return "fetch " + what.url; }
  std::string line(const action::SetMaintenance& what) {
    maintenance_.erase(what.id);
    if (what.enable) maintenance_[what.id] = what.reason;
    remember((what.enable ? "maintain " : "release ") + what.id);
    return what.enable ? "maintain " + what.id + ": " + what.reason : "release " + what.id;
  }
  std::string line(const action::FeedCheck& what) {
    remember("feed " + what.check_id);
    return "feed " + what.check_id + ": " + what.status + " " + what.output;
  }
  std::string line(const action::LoadDrains& what) {
    drains_ticket_ = what.ticket;
    return "drains " + what.node + (what.index == 0 ? "" : " after a change");
  }
  std::string line(const action::LockOwner& what) {
    lock_ticket_ = what.ticket;
    return "lock " + what.owner + (what.session.empty() ? "" : " by " + what.session);
  }
  std::string line(const action::RenewSession& what) {
    lock_ticket_ = what.ticket;
    return "renew " + what.session;
  }
  static std::string line(const action::LoadOwners& what) { return "owners " + what.node; }
  static std::string line(const action::EndSession& what) { return "end " + what.session; }
  std::string line(const action::LeadReap& what) {
    lead_ticket_ = what.ticket;
    return "lead by " + what.session;
  }
  std::string line(const action::LoadNodes& what) {
    nodes_ticket_ = what.ticket;
    return "nodes";
  }
  std::string line(const action::ReapNode& what) {
    reap_ticket_ = what.ticket;
    return "reap " + what.node + " at " + std::to_string(what.index) + " by " + what.session;
  }
  std::string line(const action::LoadOwnNode& what) {
    own_ticket_ = what.ticket;
    return "own node " + what.node;
  }
  static std::string line(const action::Finish&) { return "finish"; }
  std::string remember(std::string line) {
    open_.push_back(line);
    return line;
  }

  AgentMachine machine_;
  base::TimePoint now_{seconds(1000)};
  std::uint64_t session_ = 0;
  std::uint64_t list_ticket_ = 0;
  std::uint64_t services_ticket_ = 0;
  std::map<std::string, std::uint64_t> inspects_;
  std::map<std::string, consul::Service> consul_;
  std::vector<docker::ContainerSummary> rows_;
  std::vector<std::string> open_;
  std::vector<Input> pending_;
  std::vector<WithdrawalNote> notes_;
  std::map<std::string, std::string> maintenance_;
  std::uint64_t lock_ticket_ = 0;
  std::uint64_t drains_ticket_ = 0;
  std::uint64_t drains_index_ = 1;
  std::uint64_t node_created_ = 7;
  std::uint64_t lead_ticket_ = 0;
  std::uint64_t nodes_ticket_ = 0;
  std::uint64_t reap_ticket_ = 0;
  std::uint64_t own_ticket_ = 0;
  bool by_hand_ = false;
  consul::Registration last_;
  bool replaced_ = false;
  std::map<std::string, std::string> told_;
};

}  // namespace longshore::agent::test
