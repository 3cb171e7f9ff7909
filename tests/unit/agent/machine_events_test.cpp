// Dialogues: what events do to a synced agent.
#include <doctest/doctest.h>

#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

TEST_CASE("docker run: start, inspect, register, with no waiting in between") {
  Talk talk;
  talk.sync({});
  CHECK(talk.event("create", 'a') == Lines{});
  CHECK(talk.event("connect", 'a', {}, "network") == Lines{});
  CHECK(talk.event("start", 'a') == Lines{"inspect aaaa"});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"register host:one:80"});
}

TEST_CASE(
    "docker stop: out of traffic at the signal; the note, then the entry, at die; what follows says nothing new") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  CHECK(talk.event("kill", 'a', {{"signal", "15"}}) == Lines{"maintain host:one:80: longshore: stopping: signal 15"});
  CHECK(talk.maintained("host:one:80") ==
        Lines{"info event=service_in_maintenance service=app id=host:one:80 reason=\"stopping: signal 15\""});
  CHECK(talk.event("die", 'a', {{"exitCode", "0"}}) == Lines{"withdraw host:one:80: its container does not run"});
  CHECK(talk.event("disconnect", 'a', {}, "network") == Lines{});
  CHECK(talk.event("destroy", 'a') == Lines{});
  CHECK(talk.withdrawn("host:one:80") == Lines{"deregister host:one:80"});
  CHECK(talk.deregistered("host:one:80") ==
        Lines{"info event=service_deregistered service=app id=host:one:80 container=aaaaaaaaaaaa "
              "reason=\"its container does not run\""});
  talk.forget_open();
  CHECK(talk.machine().status().registered == 0);
}

TEST_CASE("a note that cannot be written does not keep the entry") {
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  talk.event("die", 'a');
  talk.event("die", 'b');
  CHECK(talk.say(input::Withdrawn{"host:one:80", fail(Errc::server_error, "no leader")}) ==
        Lines{"warn event=withdraw_failed id=host:one:80 error=\"no leader\"", "deregister host:one:80"});
  // The same trouble is said once.
  CHECK(talk.say(input::Withdrawn{"host:two:80", fail(Errc::server_error, "no leader")}) ==
        Lines{"deregister host:two:80"});
}

TEST_CASE("restart: the new generation's port, whatever the order of answers") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  SUBCASE("the restart is faster than the deregistration: nothing to remove any more") {
    CHECK(talk.event("die", 'a') == Lines{"withdraw host:one:80: its container does not run"});
    CHECK(talk.event("start", 'a') == Lines{"inspect aaaa"});
    CHECK(talk.inspected(web("one", 'a', 9090, "2024-01-01T00:01:00Z")) == Lines{});  // one operation per ID
    CHECK(talk.withdrawn("host:one:80") == Lines{"register host:one:80"});
    CHECK(talk.last_registration().port == 9090);
    const Lines done = talk.registered("host:one:80");
    REQUIRE(done.size() == 2);
    CHECK(done[0].ends_with("reason=\"port 8080 -> 9090\""));
    CHECK(done[1] == "forget host:one:80");
  }
  SUBCASE("an inspect from before the die comes late and does not count") {
    CHECK(talk.event("update", 'a') == Lines{"inspect aaaa"});
    const Input stale = input::Inspected{std::string(64, 'a'), 0, web("one", 'a', 8080)};
    CHECK(talk.event("die", 'a') == Lines{"withdraw host:one:80: its container does not run"});
    CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{});
    CHECK(talk.say(stale) == Lines{});
    CHECK(talk.withdrawn("host:one:80") == Lines{"deregister host:one:80"});
    talk.deregistered("host:one:80");
    CHECK(talk.event("start", 'a') == Lines{"inspect aaaa"});
    CHECK(talk.inspected(web("one", 'a', 9090)) == Lines{"register host:one:80"});
  }
  SUBCASE("start without die: the port changed all the same") {
    CHECK(talk.event("start", 'a') == Lines{"inspect aaaa"});
    CHECK(talk.inspected(web("one", 'a', 9090)) == Lines{"register host:one:80"});
    CHECK_FALSE(talk.last_replaced());
  }
  SUBCASE("the same port again: the entry goes and comes") {
    talk.event("die", 'a');
    talk.settle();
    CHECK(talk.consul().empty());
    talk.event("start", 'a');
    CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"register host:one:80"});
    CHECK(talk.registered("host:one:80").back() == "forget host:one:80");
  }
}

TEST_CASE("rename: the new ID comes, the old one goes") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  CHECK(talk.event("rename", 'a') == Lines{"inspect aaaa"});
  CHECK(talk.inspected(web("uno", 'a', 8080)) == Lines{"register host:uno:80"});
  // The old name stays for as long as the new one is refused.
  CHECK(talk.register_failed("host:uno:80", Errc::rejected, "400: no").back() == "services");
  talk.services({{"host:one:80", talk.consul().at("host:one:80")}});
  CHECK(talk.wake() == Lines{"register host:uno:80"});
  const Lines done = talk.registered("host:uno:80");
  CHECK(done.back() == "withdraw host:one:80: its container does not ask for it");
}

TEST_CASE("hints during an inspect lead to one more, not to many") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  CHECK(talk.event("connect", 'a', {}, "network") == Lines{"inspect aaaa"});
  CHECK(talk.event("disconnect", 'a', {}, "network") == Lines{});
  CHECK(talk.event("update", 'a') == Lines{});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"inspect aaaa"});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{});
}

TEST_CASE("events of an older connection do not count") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  const std::uint64_t old = talk.session();
  talk.lost();
  REQUIRE_FALSE(talk.until("connect 2").empty());
  CHECK(talk.say(input::DockerEvent{old, {"container", "die", std::string(64, 'a'), {}, 0}}) == Lines{});
  CHECK(talk.say(input::DockerLost{old, {Errc::unreachable, "late"}}) == Lines{});
}

TEST_CASE("two containers that claim one ID: the later start has it, and its end gives it back") {
  const auto claimed = [](char digit, std::uint16_t port, std::string started) {
    docker::Container out = web(std::string("x") + digit, digit, port, std::move(started));
    out.env = {"SERVICE_ID=shop"};
    return out;
  };
  Talk talk;
  talk.sync({claimed('a', 8080, "2024-01-01T00:00:00Z")});
  talk.event("start", 'b');
  CHECK(talk.inspected(claimed('b', 8081, "2024-01-01T00:05:00Z")) == Lines{"register shop"});
  CHECK(talk.last_registration().port == 8081);
  talk.settle();
  CHECK(talk.machine().status().containers[0].ports[0].reason ==
        "container bbbbbbbbbbbb was started later with the same service ID");
  SUBCASE("the older one ends: nothing happens") {
    CHECK(talk.event("die", 'a') == Lines{});
  }
  SUBCASE("the newer one ends") {
    CHECK(talk.event("die", 'b') == Lines{"register shop"});
    CHECK(talk.last_registration().port == 8080);
  }
}

TEST_CASE("a container in another one's network follows it") {
  docker::Container pod = web("pod", 'b', 8080);
  docker::Container side = container("side", 'a');
  side.network_mode = "container:" + pod.id;
  side.networks.clear();
  side.ip_address.clear();
  side.exposed = ports("80/tcp");
  Talk talk;
  talk.start();
  talk.self();
  talk.services({});
  talk.connected();
  talk.listed({row('a'), row('b')});
  CHECK(talk.inspected(side) ==
        Lines{"warn event=port_skipped container=side port=80/tcp reason=\"shares the network of " + pod.id +
              ", which is not running\""});
  CHECK(talk.inspected(pod) == Lines{"register host:side:80", "register host:pod:80"});
  talk.settle();
  const Lines gone = talk.event("die", 'b');
  REQUIRE(gone.size() == 3);
  CHECK(gone[0].starts_with("warn event=port_skipped container=side"));
}

TEST_CASE("-deregister on-success keeps the entries of what failed") {
  struct Row {
    const char* code;
    bool removed;
  };
  for (const Row& row : {Row{"0", true}, Row{"1", false}, Row{"2", false}, Row{"127", false}, Row{"128", true},
                         Row{"129", true}, Row{"137", true}, Row{"143", true}, Row{"255", true}}) {
    CAPTURE(row.code);
    AgentOptions options;
    options.deregister = DeregisterWhen::on_success;
    Talk talk(options);
    talk.sync({web("one", 'a', 8080)});
    const Lines lines = talk.event("die", 'a', {{"exitCode", row.code}});
    CHECK(lines.empty() == !row.removed);
    if (!row.removed) CHECK(talk.event("destroy", 'a').size() == 1);
  }
}
