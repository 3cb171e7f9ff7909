// Dialogues about a part of the traffic for the new colour before the switch.
#include "tests/unit/deploy/talk.h"

using namespace longshore;
using namespace longshore::deploy;
using namespace longshore::deploy::test;

namespace {

Plan canary_plan() {
  Plan out = plan();
  out.canary = {10, 50};
  out.canary_time = seconds(30);
  return out;
}

// Through to the first part of the traffic, one container.
void to_canary(Talk& talk) {
  talk.ok();
  talk.world("blue", 7, {box("b1", "blue")});
  talk.created("g1");
  talk.ok();
  REQUIRE(talk.checked({"g1"}) == Lines{"say healthy: books: green is healthy, 1 instance", "share green 10"});
  REQUIRE(talk.ok() ==
          Lines{"say canary: books: for 30s green gets 10 percent of the traffic, where templates heed a canary",
                "check 1"});
}

}  // namespace

TEST_CASE("a canary: a part of the traffic, then more, then all of it") {
  Talk talk(canary_plan());
  to_canary(talk);
  CHECK(talk.checked({"g1"}) == Lines{"sleep"});
  CHECK(talk.ok() == Lines{"check 1"});
  talk.wait(seconds(30));
  CHECK(talk.checked({"g1"}) == Lines{"share green 50"});
  CHECK(talk.ok() ==
        Lines{"say canary: books: for 30s green gets 50 percent of the traffic, where templates heed a canary",
              "check 1"});
  talk.wait(seconds(30));
  CHECK(talk.checked({"g1"}) == Lines{"write green over 7"});
  CHECK(talk.written("green", 9).back() == "follow blue to green");
}

TEST_CASE("a canary that fails gives all back, and is removed when nobody asks it any more") {
  Talk talk(canary_plan());
  to_canary(talk);
  const auto back = [](const std::string& why) {
    return Lines{"say canary_failed: books: " + why + "; all traffic back to blue", "share green 0"};
  };
  SUBCASE("a check fails") {
    CHECK(talk.checked({}) == back("g1 does not pass its checks with 10 percent of the traffic"));
  }
  SUBCASE("it ends") {
    CHECK(talk.checked({}, {"g1"}) == back("g1 ended"));
  }
  SUBCASE("the operator has changed his mind") {
    talk.machine().interrupt();
    CHECK(talk.checked({"g1"}) == back("interrupted"));
  }
  SUBCASE("Consul is away for a moment: nothing is decided; for long: back") {
    const input::Checked away{fail(Errc::io, "Consul is away")};
    talk.wait(seconds(40));
    CHECK(talk.say(away) == Lines{"sleep"});
    CHECK(talk.ok() == Lines{"check 1"});
    talk.wait(std::chrono::minutes(2));
    CHECK(talk.say(away) == back("Consul is away"));
  }
  SUBCASE("the key cannot be written") {
    talk.wait(seconds(30));
    CHECK(talk.checked({"g1"}) == Lines{"share green 50"});
    CHECK(talk.no("Consul is away") == back("the canary's key: Consul is away"));
  }
  SUBCASE("somebody else has switched meanwhile") {
    for (int i = 0; i < 2; ++i) {
      talk.wait(seconds(30));
      talk.checked({"g1"});
      if (i == 0) talk.ok();
    }
    CHECK(talk.written("blue", 8) == back("the colour's key was written meanwhile"));
  }
  CHECK(talk.ok() == Lines{"drain 1"});
  CHECK(talk.ok().back() == "remove g1");
  CHECK(talk.ok() == Lines{"finish 1"});
}

TEST_CASE("a canary that somebody may still ask stays") {
  Talk talk(canary_plan());
  to_canary(talk);
  talk.checked({});
  SUBCASE("its part cannot be taken back") {
    CHECK(talk.no("Consul is away") ==
          Lines{"say not_restored: books is blue, and green still has a part of the traffic: Consul is away",
                "finish 1"});
  }
  SUBCASE("it is not drained") {
    CHECK(talk.ok() == Lines{"drain 1"});
    CHECK(talk.no("waiting for lb") ==
          Lines{"say not_drained: books is blue; green was left running: waiting for lb", "finish 1"});
  }
}

TEST_CASE("a first deploy has nobody to share with") {
  Talk talk(canary_plan());
  talk.ok();
  talk.world("", 0, {});
  talk.created("b1");
  talk.ok();
  CHECK(talk.checked({"b1"}).back() == "write blue over 0");
}

TEST_CASE("a canary that a killed run has left: traffic back, drained, then cleared") {
  SUBCASE("by the next deploy") {
    Talk talk(plan());
    talk.ok();
    CHECK(talk.shared_world("blue", 7, {box("b1", "blue"), box("g1", "green"), box("g2", "green", false)}) ==
          Lines{"say started: books: blue to green, 1 instance of books:2", "share green 0"});
    CHECK(talk.ok() == Lines{"drain 1"});
    CHECK(talk.ok() == Lines{"remove g1"});
    CHECK(talk.ok() == Lines{"remove g2"});
    CHECK(talk.ok() == Lines{"create green 1 at a"});
  }
  SUBCASE("by -rollback: the colour that serves stays") {
    Plan back = plan();
    back.rollback = true;
    Talk talk(back);
    talk.ok();
    CHECK(talk.shared_world("blue", 7, {box("b1", "blue"), box("g1", "green")}) ==
          Lines{"say rollback: books: green gives back its part of the traffic", "share green 0"});
    CHECK(talk.ok() == Lines{"drain 1"});
    CHECK(talk.ok() == Lines{"stop g1"});
    CHECK(talk.ok() == Lines{"say deployed: books is blue alone; green is stopped", "finish 0"});
  }
}
