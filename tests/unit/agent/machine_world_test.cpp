// The machine in a world of chance: containers come and go, events get lost, reads are old when they arrive, writes
// fail with and without effect, both sides have outages. When that ends, Consul must list exactly what runs, and
// nothing more may be written. Time and chance are simulated: every failure can be repeated from its seed.
#include <doctest/doctest.h>

#include <functional>
#include <list>

#include "common/policy/random.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), machine_({}, {"host", "", "10.0.0.5", "nonce"}, seed) {
    foreign_.id = "somebody:else:80";
    foreign_.meta["longshore-owner"] = "other";
    consul_[foreign_.id] = foreign_;
    // Left behind by an earlier life.
    consul::Service old;
    old.id = "host:old:80";
    old.meta = {{"longshore-owner", "node/engine/nonce"}, {"longshore-container", std::string(12, 'f')}};
    consul_[old.id] = old;
    take(machine_.start(now_));
  }

  void live(int steps) {
    chaos_ = true;
    for (int i = 0; i < steps; ++i) step();
    chaos_ = false;
  }
  // Changes, but nothing gets lost and nothing fails.
  void live_well(int steps) {
    lossless_ = true;
    for (int i = 0; i < steps; ++i) step();
  }
  // No more faults and changes; time goes on for as long as it takes every backoff and reconcile to pass.
  void calm(base::Duration time) {
    const base::TimePoint end = now_ + time;
    while (now_ < end) {
      while (!open_.empty()) answer_one();
      const base::TimePoint wake = std::max(machine_.next_wake(), now_ + milliseconds(1));
      now_ = std::min(wake, end);
      say(input::Timer{});
    }
  }
  std::map<std::string, std::uint16_t> listed() const {
    std::map<std::string, std::uint16_t> out;
    for (const auto& [id, service] : consul_)
      if (id != foreign_.id) out[id] = service.port;
    return out;
  }
  // A drained or paused service stands in maintenance, or not at all when it was not registered before.
  std::map<std::string, std::uint16_t> wanted() const {
    std::map<std::string, std::uint16_t> out;
    for (const auto& [id, one] : docker_) {
      const std::string service = "host:" + one.name + ":80";
      const auto drain = drains_.find(service);
      // What is told to stop before it was written is not written until it has outlived that.
      const auto stop = stops_.find(service);
      const bool stopping = stop != stops_.end() && now_ < stop->second;
      const bool may_be_out = (drain != drains_.end() || one.state.paused || stopping) && !consul_.contains(service);
      const bool must_be_out = drain != drains_.end() && drain->second == LeaveBy::deregister;
      if (!may_be_out && !must_be_out) out[service] = one.published.begin()->second[0].host_port;
    }
    return out;
  }
  // In maintenance: what is drained or paused, and nothing else.
  bool maintenance_is_right() const {
    for (const auto& [id, one] : docker_) {
      const std::string service = "host:" + one.name + ":80";
      if (!consul_.contains(service)) continue;
      const bool out = drains_.contains(service) || one.state.paused;
      if (out != maintenance_.contains(service)) return false;
    }
    return maintenance_.size() <= docker_.size();
  }
  bool foreign_untouched() const { return consul_.contains(foreign_.id) && consul_.at(foreign_.id) == foreign_; }
  bool ready() const { return machine_.ready(); }
  std::uint64_t writes() const { return writes_; }
  std::uint64_t starts() const { return starts_; }
  std::uint64_t kills() const { return kills_; }
  bool removed_too_early() const { return removed_too_early_; }

 private:
  struct Open {
    Action action;
    std::map<std::string, consul::Service> consul;  // as it was when asked
    std::map<std::string, std::string> maintenance;
    std::map<std::string, docker::Container> docker;
  };
  bool chance(int percent) { return random_.next() % 100 < static_cast<std::uint64_t>(percent); }
  bool fault(int percent) { return chaos_ && chance(percent); }

  void say(const Input& input) { take(machine_.step(input, now_)); }
  void take(const Actions& actions) {
    for (const Action& action : actions) {
      if (std::holds_alternative<base::LogLine>(action)) continue;
      // As the shell does: a newer question ends the older one.
      if (const auto* drains = std::get_if<action::LoadDrains>(&action)) drains_ticket_ = drains->ticket;
      if (std::holds_alternative<action::Withdraw>(action) && !(docker_read_ && consul_read_))
        removed_too_early_ = true;
      open_.push_back({action, consul_, maintenance_, docker_});
    }
  }

  void step() {
    now_ += milliseconds(random_.next() % 20);
    if (chance(3)) now_ = std::max(now_, std::min(machine_.next_wake(), now_ + seconds(40)));
    if (chance(20)) change();
    if (chance(3)) change_drains();
    if (!lossless_ && chance(1)) end_session();
    if (fault(1)) consul_.clear(), maintenance_.clear(), consul_[foreign_.id] = foreign_;
    if (!open_.empty() && chance(80))
      answer_one();
    else
      say(input::Timer{});
  }
  void change() {
    const char digit = "abcde"[random_.next() % 5];
    const std::string id(64, digit);
    const bool lost = !lossless_ && chance(10);
    if (docker_.contains(id) && chance(30)) {
      if (chance(50) && !lossless_) {
        docker_[id].state.paused = !docker_[id].state.paused;
        if (!lost) tell(docker_[id].state.paused ? "pause" : "unpause", id);
      } else if (session_ != 0) {
        // Told to stop, and it may not.
        ++kills_;
        stops_["host:" + docker_[id].name + ":80"] = now_ + seconds(13);
        say(input::DockerEvent{session_, {"container", "kill", id, {{"signal", "15"}}, 0}});
      }
      return;
    }
    if (docker_.contains(id)) {
      docker_.erase(id);
      if (!lost) tell("die", id);
      if (chance(50)) return;
    }
    docker_[id] = web(std::string("c") + digit, digit, static_cast<std::uint16_t>(8000 + random_.next() % 5),
                      "2024-01-01T00:00:" + std::to_string(10 + ++starts_ % 50) + "Z");
    if (!lost) tell("start", id);
  }
  void change_drains() {
    if (lossless_) return;
    const std::string service = std::string("host:c") + "abcde"[random_.next() % 5] + ":80";
    if (!drains_.erase(service)) drains_[service] = chance(50) ? LeaveBy::maintain : LeaveBy::deregister;
    ++drains_index_;
    if (parked_) {
      const action::LoadDrains parked = *std::exchange(parked_, std::nullopt);
      open_.push_back({parked, consul_, maintenance_, docker_});
    }
  }
  void tell(const std::string& action, const std::string& id) {
    if (session_ != 0) say(input::DockerEvent{session_, {"container", action, id, {}, 0}});
  }
  void end_session() {
    if (session_ == 0) return;
    const std::uint64_t session = std::exchange(session_, 0);
    say(input::DockerLost{session, {Errc::unreachable, "gone"}});
  }

  void answer_one() {
    auto at = open_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.next() % open_.size()));
    const Open open = std::move(*at);
    open_.erase(at);
    std::visit([&](const auto& what) { answer(what, open); }, open.action);
  }
  Error trouble() {
    return chance(50) ? Error{Errc::unreachable, "refused"}
                      : Error{chance(50) ? Errc::timeout : Errc::server_error, "no"};
  }
  void answer(const base::LogLine&, const Open&) {}
  void answer(const action::Fetch&, const Open&) {}
  void answer(const action::Finish&, const Open&) {}
  void answer(const action::ConnectDocker& what, const Open&) {
    if (fault(30)) return say(input::DockerLost{what.session, {Errc::unreachable, "refused"}});
    session_ = what.session;
    say(input::DockerConnected{session_, {"engine", "box", "20", "1.41", {}}});
  }
  void answer(const action::ListContainers& what, const Open& open) {
    if (fault(10)) return say(input::DockerListed{what.ticket, fail(trouble())});
    std::vector<docker::ContainerSummary> rows;
    for (const auto& [id, one] : chance(50) ? open.docker : docker_)
      rows.push_back({id,
                      {},
                      one.state.paused ? "paused" : "running",
                      (one.state.paused ? 1'000'000'000 : 0) +
                          base::parse_uint(one.state.started_at.substr(17, 2)).value_or(0) * 100'000 +
                          one.published.begin()->second[0].host_port});
    docker_read_ = true;
    say(input::DockerListed{what.ticket, rows});
  }
  void answer(const action::Inspect& what, const Open& open) {
    if (fault(10)) return say(input::Inspected{what.id, what.ticket, fail(trouble())});
    const auto& source = chance(50) ? open.docker : docker_;
    const auto found = source.find(what.id);
    if (found == source.end()) return say(input::Inspected{what.id, what.ticket, fail(Errc::not_found, "no such")});
    say(input::Inspected{what.id, what.ticket, found->second});
  }
  void answer(const action::LoadSelf&, const Open&) {
    if (fault(30)) return say(input::SelfLoaded{fail(trouble())});
    say(input::SelfLoaded{consul::AgentSelf{"node", "", "", "", "10.0.0.9"}});
  }
  void answer(const action::LoadServices& what, const Open& open) {
    if (fault(10)) return say(input::ServicesLoaded{what.ticket, fail(trouble())});
    const bool old = chance(50);
    std::map<std::string, consul::Service> seen = old ? open.consul : consul_;
    if (!what.only_id.empty())
      std::erase_if(seen, [&](const auto& entry) { return entry.first != what.only_id; });
    else
      consul_read_ = true;
    say(input::ServicesLoaded{what.ticket, AgentListing{std::move(seen), old ? open.maintenance : maintenance_}});
  }
  void answer(const action::LoadDrains& what, const Open&) {
    if (what.ticket != drains_ticket_) return;
    if (fault(20)) return say(input::DrainsLoaded{what.ticket, fail(trouble())});
    if (what.index >= drains_index_) {
      parked_ = what;
      return;
    }
    DrainsAnswer answer;
    answer.index = drains_index_;
    for (const auto& [service, by] : drains_) answer.records.push_back({service, by, "", "", ""});
    say(input::DrainsLoaded{what.ticket, answer});
  }
  void answer(const action::LockOwner& what, const Open&) {
    if (fault(20)) return say(input::OwnerLocked{what.ticket, fail(trouble())});
    say(input::OwnerLocked{what.ticket, LockAnswer{"session", true, ""}});
  }
  void answer(const action::RenewSession& what, const Open&) {
    say(input::SessionRenewed{what.ticket, fault(20) ? Status(fail(Errc::not_found, "gone")) : Status()});
  }
  void answer(const action::LoadOwners&, const Open&) { say(input::OwnersLoaded{std::set<std::string>{}}); }
  // No options of these worlds ask for the reaper.
  void answer(const action::LeadReap&, const Open&) {}
  void answer(const action::LoadNodes&, const Open&) {}
  void answer(const action::ReapNode&, const Open&) {}
  // Now and then the catalog loses this node.
  void answer(const action::LoadOwnNode& what, const Open&) {
    if (fault(10)) return say(input::OwnNodeLoaded{what.ticket, fail(trouble())});
    if (fault(10)) ++node_created_;
    say(input::OwnNodeLoaded{what.ticket, node_created_});
  }
  void answer(const action::EndSession&, const Open&) { say(input::SessionEnded{}); }
  void answer(const action::FeedCheck& what, const Open&) { say(input::CheckFed{what.check_id, {}}); }
  void answer(const action::SetMaintenance& what, const Open&) {
    Status status = write([&] {
      if (!consul_.contains(what.id)) return;
      maintenance_.erase(what.id);
      if (what.enable) maintenance_[what.id] = what.reason;
    });
    if (status && !consul_.contains(what.id)) status = fail(Errc::not_found, "no service");
    say(input::MaintenanceSet{what.id, what.enable, what.reason, std::move(status)});
  }
  void answer(const action::LoadWithdrawals&, const Open&) {
    say(input::WithdrawalsLoaded{std::vector<WithdrawalNote>{}});
  }
  // A write that fails may have had its effect.
  Status write(const std::function<void()>& effect) {
    ++writes_;
    const bool fails = fault(15);
    if (!fails || chance(50)) effect();
    return fails ? Status(fail(trouble())) : Status();
  }
  void answer(const action::Register& what, const Open&) {
    Status status = write([&] { consul_[what.service.id] = as_registered(what.service); });
    say(input::Registered{what.service.id, std::move(status)});
  }
  void answer(const action::Deregister& what, const Open&) {
    Status status = write([&] {
      consul_.erase(what.id);
      maintenance_.erase(what.id);
    });
    say(input::Deregistered{what.id, std::move(status)});
  }
  void answer(const action::Withdraw& what, const Open&) {
    say(input::Withdrawn{what.service.id, write([] {})});
  }
  void answer(const action::ForgetWithdrawal& what, const Open&) {
    say(input::WithdrawalForgotten{what.id, write([] {})});
  }

  policy::Random random_;
  AgentMachine machine_;
  base::TimePoint now_{seconds(1000)};
  std::map<std::string, docker::Container> docker_;
  std::map<std::string, consul::Service> consul_;
  std::map<std::string, std::string> maintenance_;
  std::map<std::string, LeaveBy> drains_;
  std::map<std::string, base::TimePoint> stops_;  // by service: when its container has outlived its last stop
  std::uint64_t drains_index_ = 5;
  std::uint64_t drains_ticket_ = 0;
  std::optional<action::LoadDrains> parked_;
  consul::Service foreign_;
  std::list<Open> open_;
  std::uint64_t session_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t starts_ = 0;
  std::uint64_t kills_ = 0;
  bool chaos_ = false;
  bool lossless_ = false;
  bool docker_read_ = false;
  bool consul_read_ = false;
  std::uint64_t node_created_ = 1;
  bool removed_too_early_ = false;
};

}  // namespace

TEST_CASE("whatever happened, in the end Consul lists what runs, and then nothing is written any more") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.live(600);
    world.calm(std::chrono::minutes(3));
    REQUIRE(world.listed() == world.wanted());
    REQUIRE(world.maintenance_is_right());
    REQUIRE(world.ready());
    REQUIRE(world.foreign_untouched());
    REQUIRE_FALSE(world.removed_too_early());
    // Notes are forgotten ten minutes after they were written.
    world.calm(std::chrono::minutes(12));
    const std::uint64_t before = world.writes();
    world.calm(std::chrono::minutes(10));
    REQUIRE(world.writes() == before);
    REQUIRE(world.listed() == world.wanted());
  }
}

TEST_CASE("where nothing fails, a change is followed at once and costs no more writes than it needs") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.calm(seconds(10));
    const std::uint64_t writes = world.writes();
    world.live_well(500);
    world.calm(seconds(1));
    REQUIRE(world.listed() == world.wanted());
    // At most: register, maintenance and its end, note, deregister, note forgotten.
    REQUIRE(world.writes() - writes <= 4 * world.starts() + 2 * world.kills());
  }
}
