// Dialogues: one live agent per owner, and whose entries may be taken or removed.
#include <doctest/doctest.h>

#include <filesystem>

#include "agent/lock_record.h"
#include "agent/state_lock.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

consul::Service entry(std::string id, const std::string& owner, char digit = 'd') {
  consul::Service service;
  service.id = std::move(id);
  service.name = "app";
  service.meta = {{"longshore-owner", owner}, {"longshore-container", std::string(12, digit)}};
  return service;
}

input::OwnersLoaded alive(const std::string& owner) {
  return {std::set<std::string>{owner_key(owner)}};
}

}  // namespace

TEST_CASE("the second agent with one owner only watches, says so, and takes over when the first one goes") {
  Talk talk;
  talk.answer_life_by_hand();
  talk.start();
  talk.self();
  talk.services({});
  CHECK(has(talk.connected(), "lock node/engine/nonce"));
  talk.drained({});
  talk.listed({row('a')});
  CHECK_FALSE(writes(talk.inspected(web("one", 'a', 8080))));
  CHECK(talk.locked("box pid 7") ==
        Lines{"error event=owner_taken owner=node/engine/nonce holder=\"box pid 7\" effect=\"this agent only watches\" "
              "fix=\"stop one of the two, or give each a state directory of its own (-state-dir)\""});
  CHECK(talk.machine().why() == "read-only: another live agent has the same owner: box pid 7");
  CHECK_FALSE(talk.machine().ready());
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(writes(talk.until("lock node/engine/nonce")));
    // Said once; and trouble on the way does not make it write.
    CHECK(talk.locked("box pid 7") == Lines{});
    REQUIRE_FALSE(talk.until("lock node/engine/nonce").empty());
    CHECK_FALSE(writes(talk.lock_failed(Errc::timeout, "slow")));
  }
  REQUIRE_FALSE(talk.until("lock node/engine/nonce").empty());
  const Lines free = talk.locked();
  CHECK(has(free, "info event=owner_free owner=node/engine/nonce was=\"box pid 7\""));
  CHECK(has(free, "register host:one:80"));
}

TEST_CASE("a session that lapsed is replaced at once; Consul without sessions keeps nobody from writing") {
  Talk talk;
  talk.answer_life_by_hand();
  talk.start();
  talk.self();
  talk.services({});
  talk.connected();
  talk.drained({});
  talk.listed({row('a')});
  talk.inspected(web("one", 'a', 8080));
  SUBCASE("lapsed") {
    CHECK(has(talk.locked(), "register host:one:80"));
    talk.settle();
    REQUIRE_FALSE(talk.until("renew session").empty());
    CHECK(talk.renewed(fail(Errc::not_found, "404")) == Lines{"lock node/engine/nonce"});
  }
  SUBCASE("refused") {
    const Lines lines = talk.lock_failed(Errc::rejected, "403: Permission denied");
    CHECK(lines.front() ==
          "warn event=owner_lock_unavailable error=\"403: Permission denied\" effect=\"a second agent "
          "would not be noticed\"");
    CHECK(has(lines, "register host:one:80"));
  }
  SUBCASE("a clean stop gives the session back first") {
    talk.locked();
    talk.settle();
    CHECK(talk.say(input::Stop{}).back() == "end session");
    CHECK(talk.say(input::SessionEnded{}) == Lines{"finish"});
  }
}

TEST_CASE("an ID that another live agent has is not taken; a dead one's is") {
  const std::string other = "node/engine2/nonce2";
  Talk talk;
  talk.start();
  talk.self();
  talk.services({{"host:one:80", entry("host:one:80", other)}});
  talk.connected();
  talk.listed({row('a')});
  Lines lines = talk.inspected(web("one", 'a', 8080));
  CHECK_FALSE(writes(lines));
  CHECK(has(talk.wait(milliseconds(1)), "owners node") != has(lines, "owners node"));
  SUBCASE("alive") {
    lines = talk.say(alive(other));
    CHECK(lines == Lines{"warn event=id_taken id=host:one:80 owner=node/engine2/nonce2 reason=\"another live agent has "
                         "this ID: host names must differ (-hostname)\"",
                         "info event=synced containers=1 services=1"});
    CHECK(talk.machine().status().containers[0].ports[0].state == "taken");
    // When it has gone, its entry is taken.
    talk.answer_reads(talk.until("owners node"));
    CHECK(has(talk.say(alive("nobody")), "register host:one:80"));
  }
  SUBCASE("dead") {
    CHECK(has(talk.say(alive("nobody")), "register host:one:80"));
  }
  SUBCASE("not to be known") {
    CHECK(has(talk.say(input::OwnersLoaded{fail(Errc::rejected, "403")}), "register host:one:80"));
  }
}

TEST_CASE("ready only after the entries of a dead owner have been taken over, and who is alive is asked again soon") {
  const std::string other = "node/engine2/nonce2";
  const auto synced = [](const Lines& lines) {
    return std::any_of(lines.begin(), lines.end(),
                       [](const std::string& line) { return line.starts_with("info event=synced"); });
  };
  Talk talk;
  talk.start();
  talk.self();
  talk.services({{"host:one:80", entry("host:one:80", other)}});
  talk.connected();
  talk.listed({row('a')});
  CHECK_FALSE(synced(talk.inspected(web("one", 'a', 8080))));
  talk.wait(milliseconds(1));
  CHECK_FALSE(talk.machine().ready());
  const base::TimePoint began = talk.now();
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(synced(talk.say(input::OwnersLoaded{fail(Errc::server_error, "500: No cluster leader")})));
    CHECK_FALSE(talk.machine().ready());
    REQUIRE_FALSE(talk.until("owners node").empty());
  }
  CHECK(talk.now() - began < seconds(2));
  SUBCASE("dead: when its entry is ours") {
    const Lines lines = talk.say(alive("nobody"));
    CHECK(has(lines, "register host:one:80"));
    CHECK_FALSE(synced(lines));
    CHECK_FALSE(talk.machine().ready());
    CHECK(synced(talk.registered("host:one:80")));
  }
  SUBCASE("alive: when that is known") {
    CHECK(synced(talk.say(alive(other))));
  }
  SUBCASE("its container ended: nothing is waited for") {
    CHECK(synced(talk.event("die", 'a')));
  }
}

TEST_CASE("what another nonce on this engine left goes after the probation, unless its agent lives") {
  const std::string lost = "node/engine/lost";
  for (const bool lives : {false, true}) {
    Talk talk;
    talk.start();
    talk.self();
    const std::map<std::string, consul::Service> listed = {{"x", entry("x", lost)}};
    talk.services(listed);
    talk.connected();
    talk.listed({});
    std::string withdrawal;
    base::TimePoint first{};
    for (int i = 0; i < 200; ++i) {
      Lines lines = talk.wait(seconds(1));
      if (has(lines, "owners node")) {
        const Lines more = talk.say(alive(lives ? lost : "nobody"));
        lines.insert(lines.end(), more.begin(), more.end());
      }
      if (has(lines, "services")) talk.services(listed);
      if (has(lines, "list")) talk.listed({});
      for (const std::string& line : lines)
        if (line.starts_with("withdraw ") && withdrawal.empty()) withdrawal = line, first = talk.now();
    }
    CHECK(withdrawal.empty() == lives);
    if (!lives) {
      CHECK(withdrawal == "withdraw x: its container does not run");
      CHECK(first - base::TimePoint(seconds(1000)) >= std::chrono::minutes(1));
      CHECK(first - base::TimePoint(seconds(1000)) <= std::chrono::seconds(75));
    }
  }
}

TEST_CASE("other engines, other nodes and other environments are none of our business") {
  const Identity me{"node/engine/nonce", {}, "host", "prod"};
  consul::Service service = entry("x", "node/engine/nonce");
  CHECK(whose(service, me) == Belongs::foreign);  // no environment
  service.meta["longshore-env"] = "prod";
  CHECK(whose(service, me) == Belongs::ours);
  service.meta["longshore-owner"] = "node/engine/other";
  CHECK(whose(service, me) == Belongs::lookalike);
  service.meta["longshore-owner"] = "node/engine2/nonce";
  CHECK(whose(service, me) == Belongs::foreign);
  service.meta["longshore-owner"] = "node2/engine/nonce";
  CHECK(whose(service, me) == Belongs::foreign);
}

TEST_CASE("a holder is dead only when that is certain") {
  const Process self = this_process();
  CHECK_FALSE(provably_dead(lock_value(self, "o"), self));
  Process other = self;
  other.started = "1";  // the pid has another process now
  CHECK(provably_dead(lock_value(other, "o"), self));
  other.pid = 4'000'000;  // above every pid_max in use
  CHECK(provably_dead(lock_value(other, "o"), self));
  other.namespace_id = "pid:[1]";
  CHECK_FALSE(provably_dead(lock_value(other, "o"), self));
  other.boot = "an earlier one";
  other.machine = self.machine.empty() ? "m" : self.machine;
  CHECK(provably_dead(lock_value(other, "o"), self) == !self.machine.empty());
  other.machine = "somewhere else";
  CHECK_FALSE(provably_dead(lock_value(other, "o"), self));
  // Of another pid namespace, but we have the lock of its state directory now.
  other = self;
  other.namespace_id = "pid:[1]";
  other.state_lock = "41:7";
  CHECK_FALSE(provably_dead(lock_value(other, "o"), self));
  Process heir = self;
  heir.state_lock = "41:7";
  CHECK(provably_dead(lock_value(other, "o"), heir));
  CHECK_FALSE(provably_dead(lock_value(heir, "o"), heir));
  other.boot = "another kernel's";
  other.machine = "somewhere else";
  CHECK_FALSE(provably_dead(lock_value(other, "o"), heir));
  CHECK(is_written_by(lock_value(self, "o"), self));
  CHECK(is_written_by(lock_value(self, "o"), heir));
  other = self;
  other.started = "1";
  CHECK_FALSE(is_written_by(lock_value(other, "o"), self));
  for (const char* odd : {"", "{", "[]", "{}", "{\"pid\":\"x\"}"}) CHECK_FALSE(provably_dead(odd, self));
  CHECK(holder_text(lock_value(self, "o")) == self.host + " pid " + std::to_string(self.pid));
}

TEST_CASE("a state directory is one process's at a time, whatever becomes of its file") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("longshore-state-lock-" + std::to_string(this_process().pid));
  std::filesystem::create_directories(folder);
  std::string name;
  {
    StateLock first(folder);
    name = first.name();
    CHECK_FALSE(name.empty());
    CHECK(first.name() == name);
    StateLock second(folder);
    CHECK(second.name().empty());
  }
  StateLock third(folder);
  CHECK(third.name() == name);
  CHECK(StateLock("").name().empty());
  CHECK(StateLock(folder / "absent").name().empty());
  std::filesystem::remove_all(folder);
}
