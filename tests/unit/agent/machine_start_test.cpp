// Dialogues: from start to the first sync, and what must not happen before it.
#include <doctest/doctest.h>

#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

const char* const kIdentity =
    "info event=identity node=node owner=node/engine/nonce address=10.0.0.9 reason=\"Consul agent's advertise "
    "address\"";

consul::Service ours(std::string id, char digit) {
  consul::Service service;
  service.id = std::move(id);
  service.name = "old";
  service.meta = {{"longshore-owner", "node/engine/nonce"}, {"longshore-container", std::string(12, digit)}};
  return service;
}

}  // namespace

TEST_CASE("start: connect, read both sides, inspect, register") {
  Talk talk;
  CHECK(talk.start() == Lines{"connect 1", "self", "services"});
  CHECK(talk.machine().why() == "connecting to Docker");
  CHECK(talk.self() == Lines{});
  CHECK(talk.services({}) == Lines{"info event=consul_connected services=0"});
  CHECK(talk.connected() ==
        Lines{"info event=docker_connected engine=box version=20.10.24 api=1.41", "list", kIdentity, "notes node"});
  CHECK(talk.listed({row('a'), row('b')}) == Lines{"inspect aaaa", "inspect bbbb"});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"register host:one:80"});
  CHECK_FALSE(talk.machine().ready());
  CHECK(talk.machine().why() == "first sync under way");
  CHECK(talk.inspected(web("two", 'b', 8081)) == Lines{"register host:two:80"});
  CHECK(talk.registered("host:two:80") ==
        Lines{"info event=service_registered service=app id=host:two:80 container=bbbbbbbbbbbb address=10.0.0.9:8081 "
              "reason=\"not registered\""});
  CHECK(talk.registered("host:one:80") ==
        Lines{"info event=service_registered service=app id=host:one:80 container=aaaaaaaaaaaa address=10.0.0.9:8080 "
              "reason=\"not registered\"",
              "info event=synced containers=2 services=2"});
  CHECK(talk.machine().ready());
  CHECK(talk.machine().why() == "2 services registered");
}

TEST_CASE("an empty host is ready at once") {
  Talk talk;
  talk.start();
  talk.self();
  talk.services({});
  talk.connected();
  CHECK(talk.listed({}) == Lines{"info event=synced containers=0 services=0"});
}

TEST_CASE("what is registered already is not written again") {
  Talk first;
  first.sync({web("one", 'a', 8080)});
  Talk again;
  again.start();
  again.self();
  again.services(first.consul());
  again.connected();
  again.listed({row('a')});
  CHECK(again.inspected(web("one", 'a', 8080)) == Lines{"info event=synced containers=1 services=1"});
}

TEST_CASE("nothing is deregistered before both first reads are complete") {
  SUBCASE("Consul first") {
    Talk talk;
    talk.start();
    talk.self();
    CHECK(talk.services({{"x", ours("x", 'd')}}) == Lines{"info event=consul_connected services=1"});
    CHECK(talk.connected().back() == "notes node");
    CHECK(talk.listed({}) == Lines{"withdraw x: its container does not run"});
  }
  SUBCASE("Docker first") {
    Talk talk;
    talk.start();
    talk.connected();
    CHECK(talk.listed({}) == Lines{});
    CHECK(talk.self().back() == "notes node");
    CHECK(talk.services({{"x", ours("x", 'd')}}) ==
          Lines{"info event=consul_connected services=1", "withdraw x: its container does not run"});
  }
  SUBCASE("a die event during the first list") {
    Talk talk;
    talk.start();
    talk.self();
    talk.connected();
    talk.services({{"x", ours("x", 'd')}});
    CHECK(talk.event("start", 'd') == Lines{"inspect dddd"});
    CHECK(talk.event("die", 'd') == Lines{});
    CHECK(talk.listed({}) == Lines{"withdraw x: its container does not run"});
  }
}

TEST_CASE("a container that cannot be inspected keeps its entries") {
  Talk talk;
  talk.start();
  talk.self();
  talk.connected();
  talk.services({{"x", ours("x", 'd')}});
  CHECK(talk.listed({row('d')}) == Lines{"inspect dddd"});
  CHECK(talk.inspect_failed('d', Errc::server_error, "500: oops") ==
        Lines{"warn event=inspect_failed container=dddddddddddd error=\"500: oops\"",
              "info event=synced containers=0 services=0"});
  CHECK(talk.machine().status().containers[0].error == "500: oops");
  Lines later = talk.wait(seconds(1));
  CHECK(later == Lines{"inspect dddd"});
  CHECK(talk.inspect_failed('d', Errc::server_error, "500: oops") == Lines{});  // said once
  talk.wait(seconds(1));
  CHECK(talk.inspect_failed('d', Errc::not_found) == Lines{"withdraw x: its container does not run"});
}

TEST_CASE("others' entries are left alone; classic ones go only with -cleanup") {
  consul::Service foreign = ours("foreign", 'd');
  foreign.meta["longshore-owner"] = "other/engine/nonce";
  consul::Service manual;
  manual.id = "manual";
  consul::Service classic;
  classic.id = "host:gone:80";
  consul::Service elsewhere;
  elsewhere.id = "host2:gone:80";
  consul::Service still;
  still.id = "host:here:81";
  const std::map<std::string, consul::Service> actual = {{"foreign", foreign},
                                                         {"manual", manual},
                                                         {"host:gone:80", classic},
                                                         {"host2:gone:80", elsewhere},
                                                         {"host:here:81", still}};
  for (const bool cleanup : {false, true}) {
    AgentOptions options;
    options.cleanup = cleanup;
    Talk talk(options);
    talk.start();
    talk.self();
    talk.services(actual);
    talk.connected();
    talk.listed({row('a')});
    const Lines lines = talk.inspected(web("here", 'a', 80));
    std::set<std::string> said(lines.begin(), lines.end());
    CHECK(said.contains("register host:here:80"));
    CHECK(said.contains("info event=probation id=host:gone:80 owner=\"\" reason=\"its container does not run\" "
                        "goes_in=1m0s") == cleanup);
    talk.registered("host:here:80");
    std::set<std::string> later;
    for (const base::TimePoint end = talk.now() + std::chrono::minutes(2); talk.now() < end;) {
      const Lines more = talk.wait(seconds(2));
      later.insert(more.begin(), more.end());
      std::map<std::string, consul::Service> all = actual;
      all.insert(talk.consul().begin(), talk.consul().end());
      for (const std::string& line : more) {
        CHECK_FALSE((line.starts_with("withdraw") && talk.now() < base::TimePoint(seconds(1060))));
        if (line == "services") {
          const Lines answered = talk.services(all);
          later.insert(answered.begin(), answered.end());
        }
        if (line == "list") talk.listed({row('a')});
      }
    }
    const std::set<std::string> withdrawals = [&] {
      std::set<std::string> out;
      for (const std::string& line : later)
        if (line.starts_with("withdraw ")) out.insert(line);
      return out;
    }();
    if (cleanup)
      CHECK(withdrawals == std::set<std::string>{"withdraw host:gone:80: its container does not run",
                                                 "withdraw host:here:81: its container does not ask for it"});
    else
      CHECK(withdrawals.empty());
  }
}

TEST_CASE("a classic entry with our ID is adopted in place, its checks replaced") {
  consul::Service classic;
  classic.id = "host:one:80";
  classic.name = "app";
  classic.address = "10.0.0.9";
  classic.port = 8080;
  Talk talk;
  talk.start();
  talk.self();
  talk.services({{classic.id, classic}});
  talk.connected();
  talk.listed({row('a')});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"register host:one:80"});
  CHECK(talk.last_replaced());
  CHECK(talk.registered("host:one:80").front().ends_with("reason=adopted"));
}

TEST_CASE("a token that may not read the agent: the host's name stands for the node's") {
  Talk talk;
  talk.start();
  CHECK(talk.say(input::SelfLoaded{fail(Errc::rejected, "403: Permission denied")}) ==
        Lines{"warn event=consul_self_denied error=\"403: Permission denied\" node=host"});
  talk.services({});
  CHECK(talk.connected().back() == "notes host");
}

TEST_CASE("a burst of 300 starts: all inspected, 16 at a time") {
  Talk talk;
  talk.sync({});
  std::vector<std::string> asked;
  const auto id_of = [](int i) {
    std::string id = std::to_string(1000 + i);
    return id + std::string(60, '0');
  };
  for (int i = 0; i < 300; ++i)
    for (const std::string& line :
         talk.say(input::DockerEvent{talk.session(), {"container", "start", id_of(i), {}, 0}}))
      asked.push_back(line);
  CHECK(asked.size() == 16);
  CHECK(asked.front() == "inspect 1000");
  // A second event for a container that waits adds nothing.
  CHECK(talk.say(input::DockerEvent{talk.session(), {"container", "update", id_of(299), {}, 0}}) == Lines{});
  CHECK(talk.machine().status().docker.events == 301);
}
