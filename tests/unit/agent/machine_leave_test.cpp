// Dialogues: how services leave and come back while their container runs: stops, drains, pauses, the agent's own end.
#include <doctest/doctest.h>

#include "agent/core/withhold.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using namespace longshore::agent::test;

namespace {

DrainRecord drain(std::string target, LeaveBy by = LeaveBy::maintain) {
  return {std::move(target), by, "upgrade", "ann", ""};
}

}  // namespace

TEST_CASE("signals: only the container's own stop signal and SIGKILL take it out") {
  struct Row {
    const char* stop_signal;
    const char* killed_by;
    bool leaves;
  };
  for (const Row& row :
       {Row{"", "15", true}, Row{"", "1", false}, Row{"", "10", false}, Row{"", "9", true}, Row{"SIGQUIT", "3", true},
        Row{"SIGQUIT", "15", false}, Row{"SIGRTMIN+3", "37", true}, Row{"2", "SIGINT", true}, Row{"", "SIGTERM", true},
        Row{"", "", false}, Row{"", "x", false}, Row{"", "999999999999", false}}) {
    CAPTURE(row.stop_signal);
    CAPTURE(row.killed_by);
    docker::Container one = web("one", 'a', 8080);
    one.stop_signal = row.stop_signal;
    Talk talk;
    talk.sync({one});
    CHECK(talk.event("kill", 'a', {{"signal", row.killed_by}}).empty() == !row.leaves);
  }
}

TEST_CASE("a stop that is told before the first inspect counts") {
  struct Row {
    const char* when;  // during the list, or between start and its inspect
    const char* signal;
    bool stays_out;
  };
  for (const Row& row : {Row{"list", "15", true}, Row{"list", "1", false}, Row{"list", "9", true},
                         Row{"inspect", "15", true}, Row{"inspect", "10", false}}) {
    CAPTURE(row.when);
    CAPTURE(row.signal);
    const docker::Container one = web("one", 'a', 8080);
    Talk talk;
    talk.start();
    talk.self();
    talk.services({});
    talk.connected();
    if (row.when == std::string("list")) {
      talk.event("kill", 'a', {{"signal", row.signal}});
      talk.listed({agent::test::row('a')});
    } else {
      talk.listed({});
      talk.event("start", 'a');
      talk.event("kill", 'a', {{"signal", row.signal}});
    }
    talk.inspected(one);
    talk.settle();
    CHECK(talk.consul().contains("host:one:80") == !row.stays_out);
    if (!row.stays_out) continue;
    CHECK(talk.machine().status().containers[0].ports[0].reason == std::string("stopping: signal ") + row.signal);
    // It did not end.
    CHECK(has(talk.wait(seconds(12)), "inspect aaaa"));
    CHECK(has(talk.inspected(one), "register host:one:80"));
  }
}

TEST_CASE("SIGKILL: the entry goes at once, die adds nothing") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  CHECK(talk.event("kill", 'a', {{"signal", "9"}}) == Lines{"withdraw host:one:80: stopping: signal 9"});
  CHECK(talk.event("die", 'a', {{"exitCode", "137"}}) == Lines{});
  CHECK(talk.withdrawn("host:one:80") == Lines{"deregister host:one:80"});
}

TEST_CASE("SERVICE_ON_STOP and -on-stop") {
  docker::Container one = web("one", 'a', 8080);
  SUBCASE("label") {
    one.labels["SERVICE_ON_STOP"] = "deregister";
  }
  SUBCASE("option") {}
  AgentOptions options;
  if (one.labels.empty()) options.on_stop = LeaveBy::deregister;
  Talk talk(options);
  talk.sync({one});
  CHECK(talk.event("kill", 'a', {{"signal", "15"}}) == Lines{"withdraw host:one:80: stopping: signal 15"});
  talk.settle();
  CHECK(talk.consul().empty());
  // It did not stop: written again.
  Lines lines = talk.wait(seconds(12));
  CHECK(has(lines, "inspect aaaa"));
  lines = talk.inspected(one);
  CHECK(lines.front() ==
        "warn event=still_running container=one signal=15 reason=\"it did not stop in its time: back into service\"");
  CHECK(has(lines, "register host:one:80"));
}

TEST_CASE("an agent that begins in the middle of a stop leaves out what was deregistered because of it") {
  docker::Container one = web("one", 'a', 8080, "2024-01-01T00:00:00.5Z");
  WithdrawalNote note{"host:one:80", "aaaaaaaaaaaa", "stopping: signal 15", "2024-01-01T00:00:00.501Z"};
  const char* leaves_until = "12 s";
  SUBCASE("of this life") {}
  SUBCASE("of an earlier life of the container") {
    note.at = "2024-01-01T00:00:00.499Z";
    leaves_until = "";
  }
  SUBCASE("of another container") {
    note.container = "bbbbbbbbbbbb";
    leaves_until = "";
  }
  SUBCASE("for another reason") {
    note.reason = "the agent stopped";
    leaves_until = "";
  }
  Talk talk;
  talk.notes({note});
  talk.sync({one});
  CHECK(talk.consul().contains("host:one:80") == (*leaves_until == 0));
  if (*leaves_until == 0) return;
  CHECK(talk.machine().status().containers[0].ports[0].state == "withheld");
  CHECK_FALSE(has(talk.wait(seconds(11)), "inspect aaaa"));
  CHECK(has(talk.wait(seconds(1)), "inspect aaaa"));
  CHECK(has(talk.inspected(one), "register host:one:80"));
}

TEST_CASE("a container that outlives its stop is put back after its stop timeout and some slack") {
  docker::Container one = web("one", 'a', 8080);
  one.stop_timeout = 30;
  Talk talk;
  talk.sync({one});
  CHECK(talk.event("kill", 'a', {{"signal", "15"}}).size() == 1);
  talk.settle();
  CHECK(talk.machine().status().containers[0].ports[0].state == "withheld");
  CHECK(talk.machine().status().containers[0].ports[0].reason == "stopping: signal 15");
  CHECK_FALSE(has(talk.wait(seconds(31)), "inspect aaaa"));
  CHECK(has(talk.wait(seconds(1)), "inspect aaaa"));
  const Lines lines = talk.inspected(one);
  CHECK(has(lines, "release host:one:80"));
  CHECK(has(talk.settle(),
            "info event=service_back service=app id=host:one:80 reason=\"no reason for \\\"longshore: "
            "stopping: signal 15\\\" any more\""));
  CHECK(talk.machine().status().containers[0].ports[0].state == "registered");
}

TEST_CASE("SERVICE_DRAIN of one port keeps the container's stop as long") {
  docker::Container one = web("one", 'a', 8080);
  const auto patience = [&](std::map<std::string, std::string> labels) {
    one.labels = std::move(labels);
    return std::chrono::duration_cast<seconds>(stop_patience(one)).count();
  };
  CHECK(patience({}) == 12);
  CHECK(patience({{"SERVICE_DRAIN", "20s"}}) == 22);
  CHECK(patience({{"SERVICE_80_DRAIN", "40s"}, {"SERVICE_DRAIN", "20s"}}) == 42);
  CHECK(patience({{"SERVICE_80_TCP_DRAIN", "41s"}}) == 43);
  CHECK(patience({{"SERVICE_70-90_DRAIN", "42s"}}) == 44);
  CHECK(patience({{"SERVICE_80_DRAIN", "5s"}}) == 12);
  // Of a port that it has not.
  CHECK(patience({{"SERVICE_81_DRAIN", "40s"}}) == 12);
  CHECK(patience({{"SERVICE_81_DRAIN", "40s"}, {"SERVICE_PORTS", "81"}}) == 42);
  CHECK(patience({{"SERVICE_DRAIN", "soon"}}) == 12);
}

TEST_CASE("a restart during the stop: the new generation is in service") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.event("kill", 'a', {{"signal", "15"}});
  talk.event("die", 'a');
  talk.settle();
  CHECK(talk.event("start", 'a') == Lines{"inspect aaaa"});
  CHECK(talk.inspected(web("one", 'a', 9090, "2024-01-01T00:01:00Z")) == Lines{"register host:one:80"});
  CHECK(talk.maintenance().empty());
}

TEST_CASE("drains: one service, one container, the whole host; the narrowest record counts") {
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  SUBCASE("service") {
    CHECK(talk.drained({drain("host:one:80")}) ==
          Lines{"info event=drain_asked target=host:one:80 by=ann how=maintain reason=upgrade",
                "maintain host:one:80: longshore: drained: upgrade"});
  }
  SUBCASE("container by name") {
    CHECK(talk.drained({drain("container:one")}).back() == "maintain host:one:80: longshore: drained: upgrade");
  }
  SUBCASE("container by ID") {
    CHECK(talk.drained({drain("container:aaaaaaaaaaaa")}).size() == 2);
  }
  SUBCASE("a name is not taken for the beginning of an ID") {
    CHECK(talk.drained({drain("container:aaa")}).size() == 1);
    return;
  }
  SUBCASE("host") {
    const Lines lines = talk.drained({drain("*")});
    CHECK(has(lines, "maintain host:one:80: longshore: drained with its host: upgrade"));
    CHECK(has(lines, "maintain host:two:80: longshore: drained with its host: upgrade"));
  }
  SUBCASE("out of the list") {
    CHECK(talk.drained({drain("host:one:80", LeaveBy::deregister)}).back() == "withdraw host:one:80: drained: upgrade");
    talk.settle();
    CHECK_FALSE(talk.consul().contains("host:one:80"));
    CHECK(talk.drained({}) == Lines{"info event=drain_over target=host:one:80", "register host:one:80"});
    return;
  }
  talk.settle();
  const Lines over = talk.drained({});
  CHECK(has(over, "release host:one:80"));
  talk.settle();
  CHECK(talk.maintenance().empty());
}

TEST_CASE("a container that starts while it is drained is not registered until the drain is over") {
  Talk talk;
  talk.sync({});
  talk.drained({drain("*")});
  talk.event("start", 'a');
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{});
  CHECK(talk.machine().status().containers[0].ports[0].state == "withheld");
  CHECK(has(talk.drained({}), "register host:one:80"));
}

TEST_CASE("a restarted agent knows the drains before it registers anything, and leaves maintenance as it is") {
  Talk first;
  first.sync({web("one", 'a', 8080)});
  Talk talk;
  talk.answer_life_by_hand();
  talk.start();
  talk.self();
  talk.maintenance()["host:one:80"] = "longshore: drained: upgrade";
  talk.services(first.consul());
  CHECK(has(talk.connected(), "drains node"));
  talk.listed({row('a'), row('b')});
  talk.inspected(web("one", 'a', 8080));
  CHECK(talk.inspected(web("two", 'b', 8081)) == Lines{});
  CHECK(talk.locked() == Lines{});  // still not known what is drained
  const Lines lines = talk.drained({drain("host:one:80")});
  CHECK(has(lines, "register host:two:80"));
  CHECK_FALSE(has(lines, "release host:one:80"));
}

TEST_CASE("drains that cannot be read keep nobody waiting, and those that were known stay in force") {
  Talk talk;
  talk.answer_life_by_hand();
  talk.start();
  talk.self();
  talk.services({});
  talk.connected();
  talk.locked();
  talk.listed({row('a')});
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{});
  CHECK(talk.say(input::DrainsLoaded{1, fail(Errc::rejected, "403: Permission denied")}) ==
        Lines{"warn event=drains_unreadable error=\"403: Permission denied\" fix=\"the token needs key_prefix read and "
              "write\"",
              "register host:one:80"});
}

TEST_CASE("maintenance by somebody else is never ended, and ours ends when a former life left it") {
  Talk first;
  first.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  Talk talk;
  talk.start();
  talk.self();
  talk.maintenance() = {{"host:one:80", "by hand"}, {"host:two:80", "longshore: the agent stopped"}};
  talk.services(first.consul());
  talk.connected();
  talk.listed({row('a'), row('b')});
  CHECK_FALSE(has(talk.inspected(web("one", 'a', 8080)), "release host:one:80"));
  CHECK(has(talk.inspected(web("two", 'b', 8081)), "release host:two:80"));
}

TEST_CASE("pause and unpause") {
  docker::Container one = web("one", 'a', 8080);
  Talk talk;
  talk.sync({one});
  talk.event("pause", 'a');
  docker::Container paused = one;
  paused.state.paused = true;
  CHECK(talk.inspected(paused) == Lines{"maintain host:one:80: longshore: paused"});
  talk.settle();
  talk.event("unpause", 'a');
  CHECK(talk.inspected(one) == Lines{"release host:one:80"});
}

TEST_CASE("maintenance that fails is tried again") {
  Talk talk;
  talk.sync({web("one", 'a', 8080)});
  talk.drained({drain("host:one:80")});
  const Lines failed = talk.maintained("host:one:80", fail(Errc::server_error, "500"));
  CHECK(failed.front().starts_with("warn event=maintenance_failed id=host:one:80 error=500 retry_in="));
  talk.maintenance().clear();
  talk.services(talk.consul());
  CHECK(has(talk.wait(seconds(1)), "maintain host:one:80: longshore: drained: upgrade"));
}

TEST_CASE("-on-exit") {
  AgentOptions options;
  SUBCASE("maintain") {
    options.on_exit = OnExit::maintain;
    Talk talk(options);
    talk.sync({web("one", 'a', 8080)});
    CHECK(talk.say(input::Stop{}) == Lines{"info event=agent_stopping services=1 on_exit=maintain",
                                           "maintain host:one:80: longshore: the agent stopped"});
    CHECK(talk.maintained("host:one:80").back() == "finish");
  }
  SUBCASE("deregister") {
    options.on_exit = OnExit::deregister;
    Talk talk(options);
    talk.sync({web("one", 'a', 8080)});
    CHECK(talk.say(input::Stop{}).back() == "withdraw host:one:80: the agent stopped");
    CHECK(talk.withdrawn("host:one:80") == Lines{"deregister host:one:80"});
    CHECK(talk.deregistered("host:one:80").back() == "finish");
  }
  SUBCASE("a failure does not keep the agent") {
    options.on_exit = OnExit::maintain;
    Talk talk(options);
    talk.sync({web("one", 'a', 8080)});
    talk.say(input::Stop{});
    CHECK(talk.maintained("host:one:80", fail(Errc::server_error, "500")).back() == "finish");
  }
}
