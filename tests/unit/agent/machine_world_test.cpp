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
  std::map<std::string, std::uint16_t> running() const {
    std::map<std::string, std::uint16_t> out;
    for (const auto& [id, one] : docker_) out["host:" + one.name + ":80"] = one.published.begin()->second[0].host_port;
    return out;
  }
  bool foreign_untouched() const { return consul_.contains(foreign_.id) && consul_.at(foreign_.id) == foreign_; }
  bool ready() const { return machine_.ready(); }
  std::uint64_t writes() const { return writes_; }
  std::uint64_t starts() const { return starts_; }
  bool removed_too_early() const { return removed_too_early_; }

 private:
  struct Open {
    Action action;
    std::map<std::string, consul::Service> consul;  // as it was when asked
    std::map<std::string, docker::Container> docker;
  };
  bool chance(int percent) { return random_.next() % 100 < static_cast<std::uint64_t>(percent); }
  bool fault(int percent) { return chaos_ && chance(percent); }

  void say(const Input& input) { take(machine_.step(input, now_)); }
  void take(const Actions& actions) {
    for (const Action& action : actions) {
      if (std::holds_alternative<base::LogLine>(action)) continue;
      if (std::holds_alternative<action::Withdraw>(action) && !(docker_read_ && consul_read_))
        removed_too_early_ = true;
      open_.push_back({action, consul_, docker_});
    }
  }

  void step() {
    now_ += milliseconds(random_.next() % 20);
    if (chance(3)) now_ = std::max(now_, std::min(machine_.next_wake(), now_ + seconds(40)));
    if (chance(20)) change();
    if (!lossless_ && chance(1)) end_session();
    if (fault(1)) consul_.clear(), consul_[foreign_.id] = foreign_;
    if (!open_.empty() && chance(80))
      answer_one();
    else
      say(input::Timer{});
  }
  void change() {
    const char digit = "abcde"[random_.next() % 5];
    const std::string id(64, digit);
    const bool lost = !lossless_ && chance(10);
    if (docker_.contains(id)) {
      docker_.erase(id);
      if (!lost) tell("die", id);
      if (chance(50)) return;
    }
    docker_[id] = web(std::string("c") + digit, digit, static_cast<std::uint16_t>(8000 + random_.next() % 5),
                      "2024-01-01T00:00:" + std::to_string(10 + ++starts_ % 50) + "Z");
    if (!lost) tell("start", id);
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
    say(input::DockerConnected{session_, {"engine", "box", "20", "1.41"}});
  }
  void answer(const action::ListContainers& what, const Open& open) {
    if (fault(10)) return say(input::DockerListed{what.ticket, fail(trouble())});
    std::vector<docker::ContainerSummary> rows;
    for (const auto& [id, one] : chance(50) ? open.docker : docker_)
      rows.push_back({id,
                      {},
                      "running",
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
    std::map<std::string, consul::Service> seen = chance(50) ? open.consul : consul_;
    if (!what.only_id.empty())
      std::erase_if(seen, [&](const auto& entry) { return entry.first != what.only_id; });
    else
      consul_read_ = true;
    say(input::ServicesLoaded{what.ticket, std::move(seen)});
  }
  void answer(const action::LoadWithdrawals&, const Open&) {
    say(input::WithdrawalsLoaded{std::vector<std::string>{}});
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
    Status status = write([&] { consul_.erase(what.id); });
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
  consul::Service foreign_;
  std::list<Open> open_;
  std::uint64_t session_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t starts_ = 0;
  bool chaos_ = false;
  bool lossless_ = false;
  bool docker_read_ = false;
  bool consul_read_ = false;
  bool removed_too_early_ = false;
};

}  // namespace

TEST_CASE("whatever happened, in the end Consul lists what runs, and then nothing is written any more") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.live(600);
    world.calm(std::chrono::minutes(3));
    REQUIRE(world.listed() == world.running());
    REQUIRE(world.ready());
    REQUIRE(world.foreign_untouched());
    REQUIRE_FALSE(world.removed_too_early());
    // Notes are forgotten ten minutes after they were written.
    world.calm(std::chrono::minutes(12));
    const std::uint64_t before = world.writes();
    world.calm(std::chrono::minutes(10));
    REQUIRE(world.writes() == before);
    REQUIRE(world.listed() == world.running());
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
    REQUIRE(world.listed() == world.running());
    // At most: register, note, deregister, note forgotten.
    REQUIRE(world.writes() - writes <= 4 * world.starts());
  }
}
