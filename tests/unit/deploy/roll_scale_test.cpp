// Dialogues with the rolling machine: another number.
#include <doctest/doctest.h>

#include "tests/unit/deploy/roll_talk.h"

using namespace longshore;
using namespace longshore::deploy;
using namespace longshore::deploy::roll_test;

TEST_CASE("scale: up through the gate, down through a drain") {
  RollPlan order = plan(RollPlan::Kind::scale);
  order.image = "";
  order.instances = 3;
  order.batch = 1000;
  {
    Talk talk(order);
    talk.ok();
    CHECK(talk.world({box("b1")}) == Lines{"record scaling",
                                           "say started: books: to 3 instances, 2 to start, 0 to stop, 1000 at a time",
                                           "create 1 at a"});
    talk.created("books-1");
    CHECK(talk.ok() == Lines{"create 2 at a"});
    talk.created("books-2");
    CHECK(talk.ok() == Lines{"check books-1 books-2"});
    CHECK(talk.checked({"books-1", "books-2"}) ==
          Lines{"say healthy: books: 2 new instances healthy", "settle books-1 books-2"});
    SUBCASE("load balancers follow") {
      CHECK(talk.ok() == Lines{"say scaled: books has 3 instances", "record done", "finish 0"});
    }
    SUBCASE("one does not: they stay") {
      CHECK(talk.no("new instances have no traffic after 1m0s: waiting for lb") ==
            Lines{"say not_settled: books: 2 started, 0 stopped, 0 and 0 to go; new instances have no traffic after "
                  "1m0s: waiting for lb",
                  "record done", "finish 1"});
    }
  }
  order.instances = 1;
  {
    Talk talk(order);
    talk.ok();
    CHECK(talk.world({box("b1"), box("b2"), box("b3", true, false)}).back() == "drain b3 b2");
    CHECK(talk.ok() == Lines{"stop b3"});
    // What others have made is stopped, not removed.
    CHECK(talk.ok() == Lines{"stop b2"});
    CHECK(talk.ok() == Lines{"remove b2"});
    CHECK(talk.ok() == Lines{"say scaled: books has 1 instance", "record done", "finish 0"});
  }
  {
    Talk talk(order);
    talk.ok();
    CHECK(talk.world({box("b1")}) == Lines{"say unchanged: books: 1 instance, as before", "finish 0"});
  }
}

TEST_CASE("scale to none keeps what it stops, and the next one starts it") {
  RollPlan order = plan(RollPlan::Kind::scale);
  order.image = "";
  order.instances = 0;
  order.batch = 1000;
  order.pull = true;
  LastRun last{"rolling", "done", "r1", "same", 2, {"id-of-o1"}};
  {
    Talk talk(order);
    talk.ok();
    CHECK(talk.world({box("b1"), box("b2")}, last).back() == "drain b2 b1");
    CHECK(talk.recorded().rest == Lines{"id-of-b2", "id-of-b1"});
    CHECK(talk.ok() == Lines{"stop b2"});
    CHECK(talk.ok() == Lines{"stop b1"});
    CHECK(talk.ok() == Lines{"say scaled: books has 0 instances; those that were stopped are kept for the next scale",
                             "record done", "finish 0"});
    CHECK(talk.recorded().rest == Lines{"id-of-b2", "id-of-b1"});
    CHECK(talk.recorded().old == Lines{"id-of-o1"});
  }
  last.rest = {"id-of-b1", "id-of-b2"};
  order.instances = 1;
  // Nothing is pulled for what is there.
  Talk talk(order);
  talk.ok();
  CHECK(talk.world({box("b1", false), box("b2", false, false)}, last).back() == "start b1");
  CHECK(talk.ok() == Lines{"check b1"});
  SUBCASE("it is healthy") {
    CHECK(talk.checked({"b1"}) == Lines{"say healthy: books: 1 new instance healthy", "settle b1"});
    CHECK(talk.ok().back() == "finish 0");
    CHECK(talk.recorded().rest == Lines{"id-of-b2"});
  }
  SUBCASE("it ends: stopped, not removed, and the next try starts it again") {
    CHECK(talk.checked({}, {"b1"}) == Lines{"say failed: books: b1 ended; 1 new container stopped", "stop b1"});
    CHECK(talk.ok() == Lines{"say undone: books: b1 ended; as before", "record done", "finish 1"});
    CHECK(talk.recorded().rest == Lines{"id-of-b1", "id-of-b2"});
  }
}
