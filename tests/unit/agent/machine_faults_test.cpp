// Dialogues: outages, partial failures, stopping.
#include <doctest/doctest.h>

#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

TEST_CASE("Docker absent: one line, retries, recovery without help") {
  Talk talk;
  talk.start();
  talk.self();
  talk.services({});
  CHECK(
      talk.lost("unix:/var/run/docker.sock: Permission denied", Errc::io) ==
      Lines{"warn event=docker_lost error=\"unix:/var/run/docker.sock: Permission denied\" fix=\"run as a user of the "
            "group docker (usermod -aG docker USER), or as root\""});
  CHECK(talk.machine().why() == "Docker: unix:/var/run/docker.sock: Permission denied");
  CHECK_FALSE(talk.until("connect 2").empty());
  CHECK(talk.lost("unix:/var/run/docker.sock: Permission denied", Errc::io) == Lines{});  // said already
  CHECK_FALSE(talk.until("connect 3").empty());
  CHECK(talk.connected()[0] == "info event=docker_connected engine=box version=20.10.24 api=1.41");
}

TEST_CASE("the event stream ends: entries stay, everything is read again") {
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  CHECK(talk.lost("the event stream ended") == Lines{"warn event=docker_lost error=\"the event stream ended\""});
  CHECK_FALSE(talk.machine().ready());
  REQUIRE_FALSE(talk.until("connect 2").empty());
  CHECK(talk.connected().back() == "list");
  // b died meanwhile, a got another port.
  CHECK(talk.listed({row('a')}) == Lines{"inspect aaaa", "withdraw host:two:80: its container does not run"});
  CHECK(talk.inspected(web("one", 'a', 9090)) == Lines{"register host:one:80"});
  talk.settle();
  CHECK(talk.machine().ready());
}

TEST_CASE("a list that fails for good reasons ends the connection, others are tried again") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  REQUIRE_FALSE(talk.until("list").empty());
  SUBCASE("an answer that is an error") {
    CHECK(talk.list_failed("500: busy", Errc::server_error) ==
          Lines{"warn event=docker_list_failed error=\"500: busy\""});
    CHECK_FALSE(talk.machine().ready());
    REQUIRE_FALSE(talk.until("list").empty());
    talk.listed({row('a')});
    CHECK(talk.machine().ready());
  }
  SUBCASE("no answer") {
    CHECK(talk.list_failed("too slow", Errc::timeout) == Lines{"warn event=docker_lost error=\"too slow\""});
    REQUIRE_FALSE(talk.until("connect 2").empty());
    CHECK(talk.connected().back() == "list");
  }
}

TEST_CASE("Consul away: no writes, one line; back: what is missing is written at once") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.event("start", 'b');
  CHECK(talk.inspected(web("two", 'b', 8081)) == Lines{"register host:two:80"});
  // A broken connection stops all writing and asks for a look.
  CHECK(talk.register_failed("host:two:80", Errc::unreachable, "connection refused") == Lines{"services"});
  CHECK(talk.services_failed(Errc::unreachable, "connection refused") ==
        Lines{"warn event=consul_lost error=\"connection refused\""});
  CHECK(talk.machine().why() == "Consul: connection refused");
  talk.event("start", 'c');
  CHECK(talk.inspected(web("three", 'c', 8082)) == Lines{});
  CHECK(talk.wake() == Lines{"services"});
  CHECK(talk.services_failed(Errc::unreachable, "connection refused") == Lines{});
  CHECK(talk.wake() == Lines{"services"});
  // It came back empty.
  Lines back = talk.services({});
  std::sort(back.begin(), back.end());
  CHECK(back == Lines{"info event=consul_connected services=0", "register host:one:80", "register host:three:80",
                      "register host:two:80", "self"});
}

TEST_CASE("an agent that restarted empty is noticed by the next look") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  const base::TimePoint before = talk.now();
  CHECK(talk.wake() == Lines{"look host:one:80"});
  CHECK(talk.now() - before <= seconds(2));
  CHECK(talk.services({}) == Lines{"services"});
  CHECK(talk.services({}) == Lines{"register host:one:80"});
}

TEST_CASE("idle: looks and lists, and not one write") {
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  talk.forget_open();
  for (int i = 0; i < 300; ++i) {
    const Lines lines = talk.wake();
    for (const std::string& line : lines) {
      CAPTURE(line);
      const bool reading = line == "services" || line == "list" || line.starts_with("look ");
      CHECK(reading);
    }
    talk.answer_reads(lines);
  }
}

TEST_CASE("one of two ports fails: the other stands, the failing one is tried again, its entry is never deleted") {
  docker::Container both = container("one", 'a');
  both.published = published("80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81");
  Talk talk;
  talk.start();
  talk.self();
  talk.services({});
  talk.connected();
  talk.listed({row('a')});
  CHECK(talk.inspected(both) == Lines{"register host:one:80", "register host:one:81"});
  talk.registered("host:one:80");
  const Lines failed = talk.register_failed("host:one:81", Errc::rejected, "400: Bad meta");
  REQUIRE(failed.size() == 3);
  CHECK(failed[0].starts_with("warn event=register_failed id=host:one:81 error=\"400: Bad meta\" retry_in="));
  CHECK(failed[1] == "services");
  CHECK(failed[2] == "info event=synced containers=1 services=1");  // one bad service does not keep it unready
  CHECK(talk.services({{"host:one:80", talk.consul().at("host:one:80")}}) == Lines{});
  CHECK(talk.machine().ready());
  CHECK(talk.machine().status().failing == 1);
  Lines retried = talk.wake();
  CHECK(retried == Lines{"register host:one:81"});
  CHECK(talk.register_failed("host:one:81", Errc::rejected, "400: Bad meta") == Lines{"services"});  // said once
}

TEST_CASE("a failed deregistration is tried again without a second note") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.event("die", 'a');
  CHECK(talk.withdrawn("host:one:80") == Lines{"deregister host:one:80"});
  const Lines failed = talk.say(input::Deregistered{"host:one:80", fail(Errc::server_error, "500")});
  CHECK(failed.back() == "services");
  talk.services({{"host:one:80", as_registered(talk.last_registration())}});
  CHECK(talk.wake() == Lines{"deregister host:one:80"});
}

TEST_CASE("a read that was under way during a write does not undo it") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  REQUIRE_FALSE(talk.until("services").empty());
  talk.event("start", 'b');
  CHECK(talk.inspected(web("two", 'b', 8081)) == Lines{"register host:two:80"});
  talk.registered("host:two:80");
  // The answer is older than the registration.
  CHECK(talk.services({{"host:one:80", talk.consul().at("host:one:80")}}) == Lines{});
}

TEST_CASE("stop: what is under way ends, nothing begins, then finish") {
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  talk.event("die", 'a');
  CHECK(talk.say(input::Stop{}) == Lines{"info event=agent_stopping services=1"});
  CHECK(talk.event("die", 'b') == Lines{});
  CHECK(talk.withdrawn("host:one:80") == Lines{"deregister host:one:80"});  // half done is finished
  CHECK(talk.deregistered("host:one:80").back() == "finish");
  CHECK(talk.machine().next_wake() == base::TimePoint::max());
}

TEST_CASE("trouble of Consul's own is tried again within five seconds, a refusal more and more seldom") {
  const auto longest_wait = [](Errc code, const std::string& text) {
    Talk talk;
    talk.start();
    talk.self();
    talk.services({});
    talk.connected();
    talk.listed({row('a')});
    Lines lines = talk.inspected(web("one", 'a', 8080));
    base::Duration longest{};
    for (int tries = 0; tries < 12; ++tries) {
      REQUIRE(std::find(lines.begin(), lines.end(), "register host:one:80") != lines.end());
      const base::TimePoint failed = talk.now();
      lines = talk.register_failed("host:one:80", code, text);
      // Consul lists nothing, for nothing was taken.
      for (int steps = 0; steps < 500; ++steps) {
        if (std::find(lines.begin(), lines.end(), "register host:one:80") != lines.end()) break;
        Lines more;
        for (const std::string& line : lines) {
          if (line == "services" || line.starts_with("look ")) more = talk.services({});
          if (line.starts_with("list")) more = talk.listed({row('a')});
        }
        lines = more.empty() ? talk.wake() : more;
      }
      longest = std::max(longest, talk.now() - failed);
    }
    return longest;
  };
  CHECK(longest_wait(Errc::server_error, "500: No cluster leader") <= seconds(5));
  CHECK(longest_wait(Errc::server_error, "429: too many") <= seconds(5));
  CHECK(longest_wait(Errc::timeout, "no answer") <= seconds(5));
  CHECK(longest_wait(Errc::rejected, "403: Permission denied") > seconds(20));
}

TEST_CASE("stop when nothing is under way finishes at once and keeps the entries") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.forget_open();
  CHECK(talk.say(input::Stop{}) == Lines{"info event=agent_stopping services=1", "finish"});
  CHECK(talk.say(input::Stop{}) == Lines{});
}

TEST_CASE("reload reads everything again and writes nothing") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  Lines lines = talk.say(input::Reload{});
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Lines{"list", "self", "services"});
  CHECK(talk.listed({row('a')}) == Lines{"inspect aaaa"});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{});
}

TEST_CASE("notes of an earlier life: forgotten when the instance is back, and after ten minutes") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  CHECK(talk.say(input::WithdrawalsLoaded{std::vector<WithdrawalNote>{
            {"host:one:80", "", "", ""}, {"host:gone:80", "", "", ""}}}) == Lines{"forget host:one:80"});
  talk.settle();
  CHECK(talk.wait(std::chrono::minutes(9)).back() != "forget host:gone:80");
  const Lines later = talk.wait(std::chrono::minutes(2));
  CHECK(std::find(later.begin(), later.end(), "forget host:gone:80") != later.end());
}
