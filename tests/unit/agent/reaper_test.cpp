// Dialogues: lost nodes are removed by one agent, after their time, never the living; a node that was removed comes
// back.
#include <doctest/doctest.h>

#include "agent/reap_effects.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

AgentOptions reaping() {
  AgentOptions options;
  options.reap_after = seconds(60);
  return options;
}

// A cluster: this node, "one" and "two" alive, and what is given.
std::vector<NodeHealth> cluster(std::vector<NodeHealth> more) {
  std::vector<NodeHealth> out = {{"node", false, 1}, {"one", false, 2}, {"two", false, 3}};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

// In sync, and the reaper's key has been answered for.
struct Reaping : Talk {
  explicit Reaping(AgentOptions options = reaping()) : Talk(std::move(options)) { sync({}); }
};

}  // namespace

TEST_CASE("a node that is failed for its time is removed, once") {
  Reaping talk;
  CHECK(talk.led() == Lines{"info event=reaper_leads reap_after=1m0s", "nodes"});
  CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{"info event=node_failed node=gone removed_in=1m0s"});
  // A look every 10 s; at 50 s its time is not over.
  for (int look = 1; look < 6; ++look) {
    CAPTURE(look);
    CHECK_FALSE(talk.until("nodes").empty());
    CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{});
  }
  CHECK_FALSE(talk.until("nodes").empty());
  CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{"reap gone at 9 by session"});
  CHECK(talk.reaped("gone", ReapOutcome::removed) == Lines{"warn event=node_reaped node=gone failed_for=1m0s"});
  CHECK_FALSE(talk.until("nodes").empty());
  CHECK(talk.nodes(cluster({})) == Lines{});
  CHECK(talk.machine().status().reaper.counts.reaped == 1);
}

TEST_CASE("a node that was back in between has its whole time before it") {
  Reaping talk;
  talk.led();
  talk.nodes(cluster({{"flaky", true, 9}}));
  talk.wait(seconds(50));
  // Its check changed twice between two looks: failed again, at another index.
  CHECK(talk.nodes(cluster({{"flaky", true, 11}})) == Lines{"info event=node_failed node=flaky removed_in=1m0s"});
  talk.wait(seconds(50));
  CHECK(talk.nodes(cluster({{"flaky", true, 11}})) == Lines{});
  talk.wait(seconds(10));
  CHECK(talk.nodes(cluster({{"flaky", true, 11}})) == Lines{"reap flaky at 11 by session"});
}

TEST_CASE("never this agent's own node, and nobody while too many are failed") {
  Reaping talk;
  talk.led();
  SUBCASE("own node") {
    const std::vector<NodeHealth> seen = {{"node", true, 5}, {"one", false, 2}, {"two", false, 3}};
    talk.nodes(seen);
    talk.wait(seconds(70));
    CHECK(talk.nodes(seen) == Lines{});
    CHECK(talk.machine().status().reaper.failed.front().verdict == "this agent's own node");
  }
  SUBCASE("two of three") {
    const std::vector<NodeHealth> seen = {{"node", false, 1}, {"one", true, 2}, {"two", true, 3}};
    CHECK(has(
        talk.nodes(seen),
        "warn event=reaper_refuses failed=2 nodes=3 percent=66 reason=\"more than -reap-limit: this side may be the "
        "one that is cut off\""));
    talk.wait(seconds(70));
    CHECK(talk.nodes(seen) == Lines{});
    CHECK(talk.machine().status().reaper.counts.refusals == 2);
    // One is back: the other has been failed for long enough.
    talk.wait(seconds(10));
    CHECK(talk.nodes({{"node", false, 1}, {"one", false, 7}, {"two", true, 3}}) == Lines{"reap two at 3 by session"});
  }
  SUBCASE("half of them is not more than half") {
    const std::vector<NodeHealth> seen = {{"node", false, 1}, {"one", true, 2}};
    talk.nodes(seen);
    talk.wait(seconds(70));
    CHECK(talk.nodes(seen) == Lines{"reap one at 2 by session"});
  }
}

TEST_CASE("-reap-limit 100 removes them however many") {
  AgentOptions options = reaping();
  options.reap_limit = 100;
  Reaping talk(options);
  talk.led();
  const std::vector<NodeHealth> seen = {{"node", false, 1}, {"one", true, 2}, {"two", true, 3}};
  talk.nodes(seen);
  talk.wait(seconds(70));
  CHECK(talk.nodes(seen) == Lines{"reap one at 2 by session"});
  CHECK(talk.reaped("one", ReapOutcome::removed) ==
        Lines{"warn event=node_reaped node=one failed_for=1m10s", "reap two at 3 by session"});
}

TEST_CASE("at most three per look, one after the other") {
  Reaping talk;
  talk.led();
  std::vector<NodeHealth> seen = cluster({});
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) seen.push_back({name, false, 4});
  for (const char* name : {"v", "w", "x", "y", "z"}) seen.push_back({name, true, 4});
  talk.nodes(seen);
  talk.wait(seconds(60));
  CHECK(talk.nodes(seen) == Lines{"reap v at 4 by session"});
  CHECK(talk.reaped("v", ReapOutcome::removed).back() == "reap w at 4 by session");
  CHECK(talk.reaped("w", ReapOutcome::removed).back() == "reap x at 4 by session");
  CHECK(talk.reaped("x", ReapOutcome::removed) == Lines{"warn event=node_reaped node=x failed_for=1m0s"});
}

TEST_CASE("what speaks against it: alive, -reap-check, trouble, another reaper") {
  Reaping talk;
  talk.led();
  talk.nodes(cluster({{"gone", true, 9}}));
  talk.wait(seconds(60));
  REQUIRE(talk.nodes(cluster({{"gone", true, 9}})) == Lines{"reap gone at 9 by session"});
  SUBCASE("alive: counted anew when it fails again") {
    CHECK(talk.reaped("gone", ReapOutcome::alive, "its agent is alive: box pid 7") ==
          Lines{"info event=node_spared node=gone reason=\"its agent is alive: box pid 7\""});
    talk.wait(seconds(10));
    CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{"info event=node_failed node=gone removed_in=1m0s"});
  }
  SUBCASE("the command says no: asked again a minute later, said once") {
    CHECK(talk.reaped("gone", ReapOutcome::kept, "-reap-check: exit code 1") ==
          Lines{"info event=node_spared node=gone reason=\"-reap-check: exit code 1\""});
    talk.wait(seconds(50));
    CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{});
    talk.wait(seconds(10));
    CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{"reap gone at 9 by session"});
    CHECK(talk.reaped("gone", ReapOutcome::kept, "-reap-check: exit code 1") == Lines{});
  }
  SUBCASE("the command cannot tell") {
    CHECK(talk.reaped("gone", ReapOutcome::unclear, "-reap-check: exit code 7") ==
          Lines{"warn event=node_spared node=gone reason=\"-reap-check: exit code 7\""});
  }
  SUBCASE("another agent has the key now") {
    CHECK(talk.reaped("gone", ReapOutcome::not_ours) == Lines{});
    CHECK(talk.led("box pid 9") == Lines{});
    CHECK(talk.machine().status().reaper.state == "standby");
  }
}

TEST_CASE("who does not hold the key looks at nothing; who gets it counts from its own beginning") {
  Reaping talk;
  CHECK(talk.led("box pid 9") == Lines{});
  const Lines asked = talk.until("lead by session");
  CHECK_FALSE(has(asked, "nodes"));
  CHECK(talk.machine().status().reaper.holder == "box pid 9");
  CHECK(talk.led() == Lines{"info event=reaper_leads reap_after=1m0s", "nodes"});
  talk.nodes(cluster({{"gone", true, 9}}));
  talk.wait(seconds(50));
  CHECK(talk.nodes(cluster({{"gone", true, 9}})) == Lines{});
}

TEST_CASE("off by default: no key, no look") {
  Talk talk;
  talk.sync({});
  for (int i = 0; i < 50; ++i) {
    const Lines lines = talk.wake();
    CHECK_FALSE(has(lines, "lead by session"));
    CHECK_FALSE(has(lines, "nodes"));
    talk.answer_reads(lines);
  }
}

TEST_CASE("the catalog lost this node: every service is told anew, once, with its maintenance") {
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  talk.event("kill", 'b', {{"signal", "15"}});
  talk.settle();
  SUBCASE("it was removed and is there again") {
    talk.node_created(70);
  }
  SUBCASE("it is still missing") {
    talk.node_created(0);
  }
  // 3 s to the next look.
  const Lines lines = talk.wait(NodeWatch::kEvery);
  CHECK(
      has(lines, "warn event=node_was_removed node=node services=2 effect=\"they are told to Consul's catalog anew\""));
  CHECK(has(lines, "register host:one:80"));
  CHECK(has(lines, "register host:two:80"));
  CHECK(talk.told_maintenance("host:one:80").empty());
  CHECK(talk.told_maintenance("host:two:80") == "longshore: stopping: signal 15");
  talk.settle();
  CHECK_FALSE(has(talk.wait(NodeWatch::kEvery), "register host:one:80"));
}

TEST_CASE("who cannot see its node, or cannot ask, does nothing about it") {
  Talk talk;
  talk.node_created(0);
  talk.sync({web("one", 'a', 8080)});
  for (int i = 0; i < 5; ++i) CHECK_FALSE(has(talk.wait(NodeWatch::kEvery), "register host:one:80"));
}

TEST_CASE("texts: what Consul says of nodes, and the removal") {
  const auto health = decode_node_health(
      R"([{"Node":"a","CheckID":"serfHealth","Status":"critical","ModifyIndex":12},
          {"Node":"a","CheckID":"service:x","Status":"critical","ModifyIndex":13},
          {"Node":"b","CheckID":"serfHealth","Status":"passing","ModifyIndex":14}])");
  REQUIRE(health);
  CHECK(*health == std::vector<NodeHealth>{{"a", true, 12}, {"b", false, 14}});
  CHECK_FALSE(decode_node_health("{}"));
  CHECK(*decode_node_created(R"({"Node":{"Node":"a","CreateIndex":7,"ModifyIndex":9},"Services":{}})") == 7);
  CHECK(*decode_node_created("null") == 0);
  action::ReapNode what;
  what.session = "s";
  what.node = "a";
  what.index = 12;
  CHECK(encode_reap(reaper_key(""), what) ==
        R"([{"KV":{"Key":"longshore/reaper","Session":"s","Verb":"check-session"}},)"
        R"({"Check":{"Check":{"CheckID":"serfHealth","ModifyIndex":12,"Node":"a"},"Verb":"delete-cas"}},)"
        R"({"Node":{"Node":{"Node":"a"},"Verb":"delete"}}])");
  CHECK(reaper_key("staging") == "longshore/staging/reaper");
}
