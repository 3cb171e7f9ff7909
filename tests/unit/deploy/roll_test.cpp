// Dialogues with the rolling machine.
#include <doctest/doctest.h>

#include "tests/unit/deploy/roll_talk.h"

using namespace longshore;
using namespace longshore::deploy;
using namespace longshore::deploy::roll_test;

TEST_CASE("two instances one after the other, from beginning to end") {
  RollPlan order = plan();
  order.pull = true;
  order.smoke = true;
  order.healthy_time = seconds(3);
  order.pause = seconds(5);
  Talk talk(order);
  CHECK(talk.ok() == Lines{"look"});
  CHECK(talk.world({box("b1"), box("b2"), box("b3", false)}) ==
        Lines{"record start", "say started: books: 2 instances of books:2, 2 to start, 2 to stop, 1 at a time",
              "pull books:2 at a"});
  CHECK(talk.ok() == Lines{"remove b3"});
  CHECK(talk.ok() == Lines{"create 1 at a"});
  CHECK(talk.created("n1") == Lines{"start n1"});
  CHECK(talk.ok() == Lines{"check n1"});
  CHECK(talk.checked({}) == Lines{"sleep"});
  CHECK(talk.ok() == Lines{"check n1"});
  CHECK(talk.checked({"n1"}) == Lines{"say waiting: books: 1 of 1 new instance healthy", "sleep"});
  talk.wait(seconds(2));
  talk.ok();
  // It fails for a moment: its time begins anew.
  CHECK(talk.checked({}) == Lines{"say waiting: books: 0 of 1 new instance healthy", "sleep"});
  talk.ok();
  CHECK(talk.checked({"n1"}) == Lines{"say waiting: books: 1 of 1 new instance healthy", "sleep"});
  talk.wait(seconds(2));
  talk.ok();
  CHECK(talk.checked({"n1"}) == Lines{"sleep"});
  talk.wait(seconds(1));
  talk.ok();
  CHECK(talk.checked({"n1"}) == Lines{"say healthy: books: 1 new instance healthy", "smoke 1"});
  CHECK(talk.ok() == Lines{"drain b1"});
  CHECK(talk.ok() == Lines{"stop b1"});
  CHECK(talk.ok() == Lines{"say batch: books: 1 started, 1 stopped, 1 and 1 to go", "record rolling", "sleep"});
  talk.wait(seconds(4));
  CHECK(talk.ok() == Lines{"sleep"});
  talk.wait(seconds(1));
  CHECK(talk.ok() == Lines{"create 1 at a"});
  talk.created("n2");
  CHECK(talk.ok() == Lines{"check n1 n2"});
  CHECK(talk.checked({"n1", "n2"}).back() == "sleep");
  talk.wait(seconds(3));
  talk.ok();
  CHECK(talk.checked({"n1", "n2"}).back() == "smoke 1");
  talk.ok();
  talk.ok();
  CHECK(talk.ok() == Lines{"say deployed: books: 2 instances of books:2; 2 old ones stopped and kept for -rollback",
                           "record done", "finish 0"});
}

TEST_CASE("a failed gate puts the old ones back before the new ones go") {
  Talk talk(plan());
  talk.ok();
  talk.world({box("b1"), box("b2"), box("b3")});
  CHECK(talk.batch("n1", {"n1"}, "b1").back() == "create 1 at a");
  CHECK(talk.batch("n2", {"n1", "n2"}, "b2").back() == "create 1 at a");
  talk.created("n3");
  talk.ok();
  CHECK(talk.checked({"n1", "n2"}).back() == "sleep");
  talk.wait(std::chrono::minutes(2));
  talk.ok();
  CHECK(talk.checked({"n1", "n2"}) ==
        Lines{"say failed: books: 2 of 3 new instances healthy after 2m0s; 1 new container removed", "remove n3"});
  CHECK(talk.ok() == Lines{"say undoing: books: back: 2 to start, 2 to stop", "record undoing", "start b1"});
  CHECK(talk.ok() == Lines{"start b2"});
  CHECK(talk.ok() == Lines{"check b1 b2"});
  CHECK(talk.checked({"b1"}).back() == "sleep");
  talk.ok();
  CHECK(talk.checked({"b1", "b2"}).back() == "drain n1 n2");
  CHECK(talk.ok() == Lines{"stop n1"});
  CHECK(talk.ok() == Lines{"remove n1"});
  CHECK(talk.ok() == Lines{"stop n2"});
  CHECK(talk.ok() == Lines{"remove n2"});
  CHECK(talk.ok() ==
        Lines{"say undone: books: 2 of 3 new instances healthy after 2m0s; as before, 2 instances started again",
              "record undone", "finish 1"});
}

TEST_CASE("whatever fails first changes nothing") {
  const Lines same{"say undone: books: ", "record undone", "finish 1"};
  const auto ends = [&](const Lines& lines) {
    REQUIRE(lines.size() >= 3);
    CHECK(lines[lines.size() - 3].starts_with(same[0]));
    CHECK(lines[lines.size() - 2] == same[1]);
    CHECK(lines.back() == same[2]);
  };
  RollPlan order = plan();
  order.pull = true;
  {
    Talk talk(order);
    talk.ok();
    talk.world({box("b1")});
    ends(talk.no("no such image"));
  }
  {
    Talk talk(plan());
    talk.ok();
    talk.world({box("b1")});
    ends(talk.say(input::Created{fail(Errc::rejected, "no")}));
  }
  {
    Talk talk(plan());
    talk.ok();
    talk.world({box("b1")});
    talk.created("n1");
    CHECK(talk.no("no such program").back() == "remove n1");
    ends(talk.ok());
  }
  {
    Talk talk(plan());
    talk.ok();
    talk.world({box("b1")});
    talk.created("n1");
    talk.ok();
    CHECK(talk.checked({}, {"n1"}) == Lines{"say failed: books: n1 ended; 1 new container removed", "remove n1"});
    ends(talk.ok());
  }
  {
    Talk talk(plan());
    CHECK(talk.no("books is being deployed by ann") ==
          Lines{"say refused: books is being deployed by ann", "finish 1"});
  }
}

TEST_CASE("what was drained but not stopped is let in again") {
  Talk talk(plan());
  talk.ok();
  talk.world({box("b1")});
  talk.created("n1");
  talk.ok();
  talk.checked({"n1"});
  // Starting one that runs ends its drain.
  CHECK(talk.no("not drained after 60s: missing: lb-1") ==
        Lines{"say failed: books: not drained after 60s: missing: lb-1",
              "say undoing: books: back: 1 to start, 1 to stop", "record undoing", "start b1"});
  talk.ok();
  CHECK(talk.checked({"b1"}).back() == "drain n1");
  CHECK(talk.no("not drained after 60s: missing: lb-1") ==
        Lines{"say not_undone: books: the way back: not drained after 60s: missing: lb-1; what runs was left running, "
              "-rollback tries again",
              "record failed", "finish 1"});
}

TEST_CASE("pause, resume, abort") {
  Talk talk(plan());
  talk.ok();
  talk.world({box("b1"), box("b2")});
  talk.machine().order(Order::pause);
  // After the batch that is under way.
  CHECK(talk.batch("n1", {"n1"}, "b1") ==
        Lines{"say batch: books: 1 started, 1 stopped, 1 and 1 to go", "record rolling",
              "say paused: books: paused, 1 started, 1 stopped, 1 and 1 to go", "record paused", "sleep"});
  CHECK(talk.ok() == Lines{"sleep"});
  talk.machine().order(Order::resume);
  CHECK(talk.ok() == Lines{"say resumed: books: resumed", "record rolling", "create 1 at a"});
  talk.created("n2");
  talk.ok();
  talk.machine().order(Order::abort);
  CHECK(talk.machine().gives_up());
  CHECK(talk.checked({"n1"}) == Lines{"say failed: books: aborted; 1 new container removed", "remove n2"});
  CHECK(talk.ok() == Lines{"say undoing: books: back: 1 to start, 1 to stop", "record undoing", "start b1"});
  CHECK_FALSE(talk.machine().gives_up());
  talk.ok();
  talk.checked({"b1"});
  talk.ok();
  talk.ok();
  CHECK(talk.ok() ==
        Lines{"say undone: books: aborted; as before, 1 instance started again", "record undone", "finish 1"});
}

TEST_CASE("an interrupt stops where it is, and so does a failure if the operator wants it so") {
  for (const bool interrupted : {true, false}) {
    RollPlan order = plan();
    order.undo = interrupted;
    Talk talk(order);
    talk.ok();
    talk.world({box("b1"), box("b2")});
    talk.batch("n1", {"n1"}, "b1");
    talk.created("n2");
    talk.ok();
    if (interrupted) talk.machine().interrupt();
    const Lines said = interrupted ? talk.checked({"n1"}) : talk.checked({"n1"}, {"n2"});
    CHECK(said.back() == "remove n2");
    CHECK(talk.ok() == Lines{"say stopped: books: stopped, 1 started, 1 stopped, 0 and 1 to go; the same call "
                             "continues, -rollback undoes",
                             "record stopped", "finish 1"});
  }
}

TEST_CASE("a second run continues") {
  Talk talk(plan());
  talk.ok();
  Box fresh = box("n1");
  fresh.run = "r0";
  CHECK(
      talk.world({box("b1", false), box("b2"), fresh}, {"rolling", "rolling", "r0", "", 2, {"id-of-b1", "id-of-b2"}}) ==
      Lines{"record start", "say started: books: continued: 2 instances of books:2, 1 to start, 1 to stop, 1 at a time",
            "create 1 at a"});
  CHECK(talk.batch("n2", {"n1", "n2"}, "b2").back() == "finish 0");
}

TEST_CASE("a second run that finds all done looks once more whether it is healthy") {
  Talk talk(plan());
  talk.ok();
  Box fresh = box("n1");
  fresh.run = "r0";
  CHECK(talk.world({box("b1", false), fresh}, {"rolling", "rolling", "r0", "", 1, {"id-of-b1"}}).back() == "check n1");
  CHECK(talk.checked({"n1"}).back() == "finish 0");
}

TEST_CASE("the way back stops, and removes nothing") {
  Talk talk(plan(RollPlan::Kind::back));
  talk.ok();
  CHECK(talk.world({box("b1", false), box("n1")}, {"rolling", "done", "r0", "", 1, {"id-of-b1"}}).back() == "start b1");
  CHECK(talk.ok() == Lines{"check b1"});
  CHECK(talk.checked({"b1"}).back() == "drain n1");
  CHECK(talk.ok() == Lines{"stop n1"});
  CHECK(talk.ok() == Lines{"say deployed: books: 1 instance of before; what they replaced is kept for -rollback",
                           "record done", "finish 0"});
  CHECK(talk.recorded().old == Lines{"id-of-n1"});
  Talk none(plan(RollPlan::Kind::back));
  none.ok();
  CHECK(none.world({box("n1")}).back() == "finish 1");
}

TEST_CASE("a way back that failed leaves what there is to go back to") {
  Talk talk(plan(RollPlan::Kind::back));
  talk.ok();
  talk.world({box("b1", false), box("n1")}, {"rolling", "done", "r0", "", 1, {"id-of-b1"}});
  CHECK(talk.recorded().old == Lines{"id-of-b1"});
  CHECK(talk.no("port 80 is taken").back() == "stop b1");
  CHECK(talk.ok().back() == "finish 1");
  CHECK(talk.recorded().old == Lines{"id-of-b1"});
  CHECK(talk.recorded().run == "r0");
}
