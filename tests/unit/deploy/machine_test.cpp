// Dialogues with the deploying machine: what it hears, what it asks for.
#include <algorithm>

#include "tests/unit/deploy/talk.h"

using namespace longshore;
using namespace longshore::deploy;
using namespace longshore::deploy::test;

TEST_CASE("a deploy from beginning to end") {
  Plan order = plan();
  order.hosts = {"a", "b"};
  order.pull = true;
  order.smoke = true;
  Talk talk(order);
  CHECK(talk.ok() == Lines{"look"});
  // An earlier run left two containers of the idle colour, somebody else's third one runs and a fourth does not.
  CHECK(talk.world("blue", 7,
                   {box("b1", "blue"), box("b2", "blue"), box("b3", "blue", false), box("g1", "green", false),
                    box("g2", "green"), box("theirs", "green", true, false), box("old", "green", false, false)}) ==
        Lines{"say started: books: blue to green, 2 instances of books:2", "remove g1"});
  CHECK(talk.ok() == Lines{"remove g2"});
  CHECK(talk.ok() == Lines{"stop theirs"});
  CHECK(talk.ok() == Lines{"pull at a"});
  CHECK(talk.ok() == Lines{"pull at b"});
  CHECK(talk.ok() == Lines{"create green 1 at a"});
  CHECK(talk.created("g1") == Lines{"create green 2 at b"});
  CHECK(talk.created("g2") == Lines{"start g1"});
  CHECK(talk.ok() == Lines{"start g2"});
  CHECK(talk.ok() == Lines{"check 2"});
  CHECK(talk.checked({}) == Lines{"sleep"});
  CHECK(talk.ok() == Lines{"check 2"});
  CHECK(talk.checked({"g1"}) == Lines{"say waiting: books: 1 of 2 healthy", "sleep"});
  CHECK(talk.ok() == Lines{"check 2"});
  CHECK(talk.checked({"g2", "g1"}) == Lines{"say healthy: books: green is healthy, 2 instances", "smoke 2"});
  CHECK(talk.ok() == Lines{"write green over 7"});
  CHECK(talk.written("green", 9) == Lines{"say switched: books is green", "follow blue to green"});
  CHECK(talk.followed({{}, {"lb"}, {}}) == Lines{"say waiting: books: waiting for lb", "sleep"});
  talk.wait(milliseconds(120));
  CHECK(talk.ok() == Lines{"follow blue to green"});
  CHECK(talk.followed({{"lb"}, {}, {}}) == Lines{"say settled: books: green has settled after 120ms, lb", "drain 2"});
  CHECK(talk.ok() == Lines{"stop b1"});
  CHECK(talk.ok() == Lines{"stop b2"});
  CHECK(talk.ok() == Lines{"say deployed: books is green; blue is stopped and kept for -rollback", "finish 0"});
}

TEST_CASE("the first deploy has nobody to wait for") {
  Talk talk(plan());
  talk.ok();
  CHECK(talk.world("", 0, {}) ==
        Lines{"say started: books: first colour blue, 1 instance of books:2", "create blue 1 at a"});
  talk.created("b1");
  talk.ok();
  CHECK(talk.checked({"b1"}).back() == "write blue over 0");
  CHECK(talk.written("blue", 3).back() == "follow  to blue");
  CHECK(talk.followed({}) == Lines{"say settled: books: blue has settled after 0s, there is no renderer: nothing sends "
                                   "requests to it yet",
                                   "say deployed: books is blue", "finish 0"});
}

TEST_CASE("the first colour of a service that was rolled has as many, and says what still runs") {
  Talk talk(plan());
  talk.ok();
  input::World world;
  world.plain = {"books-1", "books-2"};
  CHECK(talk.say(input::Looked{world}).front() == "say started: books: first colour blue, 2 instances of books:2");
  talk.created("b1");
  talk.created("b2");
  talk.ok();
  talk.ok();
  talk.checked({"b1", "b2"});
  talk.written("blue", 3);
  const Lines said = talk.followed({{"lb"}, {}, {}, 1});
  CHECK(said[1] ==
        "say deployed: books is blue; books-1, books-2 without a colour still run: when no template uses books any "
        "more, `longshore stop books-1 books-2` ends them");
}

TEST_CASE("the first deploy waits for the load balancers that use it, and has nothing to go back to") {
  Talk talk(plan());
  talk.ok();
  talk.world("", 0, {});
  talk.created("b1");
  talk.ok();
  talk.checked({"b1"});
  talk.written("blue", 3);
  SUBCASE("one notices it a moment later and settles") {
    CHECK(talk.followed({{}, {}, {}, 1}) == Lines{"sleep"});
    CHECK(talk.ok() == Lines{"follow  to blue"});
    CHECK(talk.followed({{}, {"lb"}, {}, 1}) == Lines{"say waiting: books: waiting for lb", "sleep"});
    talk.wait(seconds(2));
    talk.ok();
    CHECK(talk.followed({{"lb"}, {}, {}, 1}).front() == "say settled: books: blue has settled after 2s, lb");
  }
  SUBCASE("one of two has not noticed it yet") {
    CHECK(talk.followed({{"lb"}, {}, {}, 2}) == Lines{"sleep"});
    talk.wait(seconds(1));
    CHECK(talk.followed({{"lb"}, {}, {}, 2}).front() == "say settled: books: blue has settled after 1s, lb");
  }
  SUBCASE("one has the same names, perhaps of an earlier try: believed after a second without other news") {
    CHECK(talk.followed({{}, {}, {}, 1, {"lb"}}) == Lines{"sleep"});
    talk.wait(seconds(1));
    CHECK(talk.followed({{}, {}, {}, 1, {"lb"}}).front() == "say settled: books: blue has settled after 1s, lb");
  }
  SUBCASE("none uses it") {
    talk.wait(seconds(1));
    CHECK(
        talk.followed({{}, {}, {}, 1}) ==
        Lines{
            "say settled: books: blue has settled after 1s, no renderer uses it: no template asks for it or its colour",
            "say deployed: books is blue", "finish 0"});
  }
  SUBCASE("one does not follow in time") {
    talk.wait(seconds(60));
    CHECK(talk.followed({{}, {"lb"}, {}, 1}) ==
          Lines{"say not_settled: books is blue, and not everywhere yet: after 1m0s, waiting for lb", "finish 1"});
  }
  SUBCASE("interrupted") {
    talk.machine().interrupt();
    CHECK(talk.followed({{}, {"lb"}, {}, 1}) ==
          Lines{"say not_settled: books is blue, and not everywhere yet: interrupted, waiting for lb", "finish 1"});
  }
}

TEST_CASE("what fails before the switch leaves the old colour") {
  const Lines undone{"say failed: books: why; it stays blue", "remove g1"};
  SUBCASE("the lock is somebody else's") {
    Talk talk(plan());
    CHECK(talk.no("books is being deployed by ann") ==
          Lines{"say refused: books is being deployed by ann", "finish 1"});
  }
  SUBCASE("a colour that is none of the two") {
    Talk talk(plan());
    talk.ok();
    CHECK(talk.world("red", 1, {}) == Lines{"say refused: books is red, which is neither blue nor green", "finish 1"});
  }
  SUBCASE("a container cannot be made") {
    Plan order = plan();
    order.instances = 2;
    Talk talk(order);
    talk.ok();
    talk.world("blue", 7, {box("b1", "blue")});
    talk.created("g1");
    CHECK(talk.say(input::Created{fail(Errc::rejected, "no room")}) ==
          Lines{"say failed: books: creating a container: no room; it stays blue", "remove g1"});
    CHECK(talk.ok() == Lines{"finish 1"});
  }
  SUBCASE("it never becomes healthy") {
    Talk talk(plan());
    talk.ok();
    talk.world("blue", 7, {box("b1", "blue")});
    talk.created("g1");
    talk.ok();
    talk.wait(seconds(120));
    CHECK(talk.checked({"b1"}) ==
          Lines{"say failed: books: 0 of 1 instance healthy after 2m0s; it stays blue", "remove g1"});
    // It cannot be removed either: the next run does that.
    CHECK(talk.no("busy") == Lines{"finish 1"});
  }
  SUBCASE("it ends; Consul away meanwhile is waited for") {
    Talk talk(plan());
    talk.ok();
    talk.world("blue", 7, {box("b1", "blue")});
    talk.created("g1");
    talk.ok();
    CHECK(talk.say(input::Checked{fail(Errc::unreachable, "Consul is away")}) == Lines{"sleep"});
    talk.ok();
    CHECK(talk.checked({}, {"g1"}) == Lines{"say failed: books: g1 ended; it stays blue", "remove g1"});
  }
  SUBCASE("the smoke command says no") {
    Plan order = plan();
    order.smoke = true;
    Talk talk(order);
    talk.ok();
    talk.world("blue", 7, {box("b1", "blue")});
    talk.created("g1");
    talk.ok();
    CHECK(talk.checked({"g1"}).back() == "smoke 1");
    CHECK(talk.no("exit code 1") ==
          Lines{"say failed: books: the smoke command: exit code 1; it stays blue", "remove g1"});
  }
  SUBCASE("somebody else switches meanwhile") {
    Talk talk(plan());
    talk.to_switch({box("b1", "blue")});
    CHECK(talk.written("blue", 8) ==
          Lines{"say failed: books: the colour's key was written meanwhile; it stays blue", "remove g1"});
  }
  SUBCASE("the operator's word") {
    Talk talk(plan());
    talk.ok();
    talk.world("blue", 7, {box("b1", "blue")});
    talk.created("g1");
    talk.machine().interrupt();
    CHECK(talk.ok() == Lines{"say failed: books: interrupted; it stays blue", "remove g1"});
  }
}

TEST_CASE("an answer to the switch that got lost") {
  Talk talk(plan());
  talk.to_switch({box("b1", "blue")});
  CHECK(talk.say(input::Written{fail(Errc::unreachable, "away")}) == Lines{"sleep"});
  CHECK(talk.ok() == Lines{"write green over 7"});
  SUBCASE("it was written") {
    CHECK(talk.written("green", 9).back() == "follow blue to green");
  }
  SUBCASE("nobody knows") {
    talk.wait(std::chrono::minutes(4));
    CHECK(talk.say(input::Written{fail(Errc::unreachable, "away")}).back() == "finish 1");
  }
}

TEST_CASE("load balancers that do not follow put the old colour back") {
  Talk talk(plan());
  talk.to_switch({box("b1", "blue")});
  talk.written("green", 9);
  talk.wait(seconds(60));
  CHECK(talk.followed({{}, {}, {"lb"}}) ==
        Lines{"say failed: books: not settled after 1m0s: missing: lb; back to blue", "write blue over 9"});
  CHECK(talk.say(input::Written{fail(Errc::unreachable, "away")}) == Lines{"sleep"});
  CHECK(talk.ok() == Lines{"write blue over 9"});
  CHECK(talk.written("blue", 11) ==
        Lines{"say restored: books is blue again; the containers of green were left running", "finish 1"});
}

TEST_CASE("an interrupt after the switch") {
  Plan order = plan();
  order.keep = std::chrono::hours(1);
  Talk talk(order);
  talk.to_switch({box("b1", "blue")});
  talk.written("green", 9);
  SUBCASE("before it has settled: back") {
    talk.machine().interrupt();
    CHECK(talk.followed({{}, {"lb"}, {}}).back() == "write blue over 9");
  }
  SUBCASE("while the old colour is kept: it stays") {
    CHECK(talk.followed({{"lb"}, {}, {}}).back() == "sleep");
    talk.machine().interrupt();
    CHECK(talk.ok() == Lines{"say interrupted: books is green; blue was left running", "finish 1"});
  }
}

TEST_CASE("an old colour that cannot be drained goes on running") {
  Talk talk(plan());
  talk.to_switch({box("b1", "blue")});
  talk.written("green", 9);
  CHECK(talk.followed({}).back() == "drain 1");
  CHECK(talk.no("lb") == Lines{"say not_drained: books is green; blue was not stopped: lb", "finish 1"});
}

TEST_CASE("rollback") {
  Plan order = plan();
  order.rollback = true;
  SUBCASE("starts what was stopped") {
    Talk talk(order);
    talk.ok();
    CHECK(talk.world("green", 9, {box("b1", "blue", false), box("g1", "green")}) ==
          Lines{"say rollback: books: back from green to blue", "start b1"});
    talk.ok();
    CHECK(talk.checked({"b1"}).back() == "write blue over 9");
    CHECK(talk.written("blue", 11).back() == "follow green to blue");
    CHECK(talk.followed({}).back() == "drain 1");
    CHECK(talk.ok() == Lines{"stop g1"});
  }
  SUBCASE("stops it again when it is ill") {
    Talk talk(order);
    talk.ok();
    talk.world("green", 9, {box("b1", "blue", false), box("b2", "blue"), box("g1", "green")});
    talk.ok();
    CHECK(talk.checked({}, {"b1"}) == Lines{"say failed: books: b1 ended; it stays green", "stop b1"});
    CHECK(talk.ok() == Lines{"finish 1"});
  }
  SUBCASE("to nothing") {
    Talk talk(order);
    talk.ok();
    CHECK(talk.world("green", 9, {box("g1", "green")}).back() == "finish 1");
  }
}
