// A group as a dialogue.
#include <doctest/doctest.h>

#include "tests/unit/renderer/group_dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::apply;
using namespace longshore::render::apply::test;

namespace {

constexpr auto kNew = FilePlan::replace;
constexpr auto kSame = FilePlan::unchanged;

// Up to where nginx has been told.
void bring_to_signalling(Talk& with) {
  with.tell(input::Recovered{});
  with.want(0, "1");
  with.want(1, "2");
  with.tick();
  with.staged({kNew, kNew});
  with.checked();
  with.tell(input::Swapped{});
}

}  // namespace

TEST_CASE("staged, checked, swapped, told, confirmed: each once for all files") {
  Talk with(edge());
  with.want(0, "1");
  with.want(1, "2");
  CHECK(with.tick().empty());  // what a predecessor left comes first
  CHECK(with.tell(input::Recovered{}) == Lines{"stage a=1 b=2"});
  CHECK(with.staged({kNew, kSame}) == Lines{"check test it"});
  CHECK(with.checked() == Lines{"swap, keep"});
  CHECK(with.tell(input::Swapped{}) == Lines{"0 written", "1 unchanged", "tell"});
  CHECK(with.told().empty());
  CHECK(with.confirmed() == Lines{"log generation_applied", "commit"});
  CHECK(with.machine.quiet());
}

TEST_CASE("nothing changed: nothing is checked and nobody told") {
  Talk with(edge());
  with.tell(input::Recovered{});
  with.want(0, "1");
  CHECK(with.tick() == Lines{"stage a=1"});
  CHECK(with.staged({kSame}) == Lines{"0 unchanged"});
}

TEST_CASE("what changes while a change runs goes with the next one") {
  Talk with(edge());
  with.tell(input::Recovered{});
  with.want(0, "1");
  with.tick();
  with.want(0, "2");
  with.want(0, "3");
  CHECK(with.staged({kNew}) == Lines{"check test it"});
  with.checked();
  with.tell(input::Swapped{});
  with.told();
  CHECK(with.confirmed() == Lines{"log generation_applied", "commit", "stage a=3"});
}

TEST_CASE("a refused tree never lives, and is said once until it changes") {
  Talk with(edge());
  with.tell(input::Recovered{});
  with.want(0, "bad");
  with.tick();
  with.staged({kNew});
  CHECK(with.checked("[emerg] unknown directive in a:1") == Lines{"log check_failed", "0 refused", "discard"});
  CHECK(with.machine.problem() == "[emerg] unknown directive in a:1");
  CHECK(with.tick().empty());
  with.now += seconds(2);  // it may have been about something outside
  CHECK(with.tick() == Lines{"stage a=bad"});
  with.staged({kNew});
  CHECK(with.checked("[emerg] unknown directive in a:1") == Lines{"0 refused", "discard"});
  with.want(0, "good");
  CHECK(with.tick() == Lines{"stage a=good"});
  with.staged({kNew});
  CHECK(with.checked() == Lines{"swap, keep"});
}

TEST_CASE("not confirmed: the files go back, the same one is told again, and all is tried later") {
  Talk with(edge());
  bring_to_signalling(with);
  with.told();
  CHECK(with.confirmed(Errc::timeout) == Lines{"log reload_not_confirmed", "restore"});
  CHECK(with.tell(input::Restored{}) == Lines{"0 restored", "1 restored", "log group_restored", "tell"});
  CHECK(with.told() == Lines{"commit"});
  CHECK_FALSE(with.machine.problem().empty());
  with.now += seconds(2);
  CHECK(with.tick() == Lines{"stage a=1 b=2"});
}

TEST_CASE("without an answer the reason is asked for, and a bad tree is undone before the time is up") {
  Talk with(edge());
  bring_to_signalling(with);
  with.told();
  CHECK(*with.machine.next_due(with.now) == with.now + milliseconds(300));
  with.now += milliseconds(300);
  CHECK(with.tick() == Lines{"diagnose"});
  CHECK(with.checked("[emerg] bad in b:7") == Lines{"log reload_not_confirmed", "restore"});
  // The confirmation that comes late is nobody's.
  CHECK(with.confirmed(Errc::timeout).empty());
}

TEST_CASE("nobody there to be told: the files stay, changes go on, and the end of it is heard") {
  Talk with(edge());
  bring_to_signalling(with);
  CHECK(with.told(Errc::not_found).empty());
  CHECK(with.told(Errc::not_found).empty());
  CHECK(with.machine.owed());
  with.want(0, "3");
  CHECK(with.tick() == Lines{"stage a=3"});
  with.staged({kNew});
  with.checked();
  CHECK(with.tell(input::Swapped{}) == Lines{"0 written", "tell"});
  CHECK(with.told().empty());
  CHECK(with.confirmed() == Lines{"log generation_applied", "commit"});
}

TEST_CASE("a command that fails once is run again, one that fails twice had bad files") {
  GroupSpec spec = edge();
  spec.confirm = false;
  Talk with(spec);
  bring_to_signalling(with);
  CHECK(with.told(Errc::check_failed).empty());
  CHECK(with.told() == Lines{"commit"});
  with.want(0, "3");
  with.tick();
  with.staged({kNew});
  with.checked();
  with.tell(input::Swapped{});
  with.told(Errc::check_failed);
  CHECK(with.told(Errc::check_failed) == Lines{"restore"});
}

TEST_CASE("the master dies while its word is waited for: it is told again, nothing goes back") {
  Talk with(edge());
  bring_to_signalling(with);
  with.told();
  CHECK(with.confirmed(Errc::unreachable) == Lines{"log reload_not_confirmed", "tell"});
}

TEST_CASE("a predecessor died before it told anybody") {
  Talk with(edge());
  CHECK(with.tell(input::Recovered{true, "finished the swap of 2 files"}) == Lines{"log group_recovered", "tell"});
  CHECK(with.told().empty());
  CHECK(with.confirmed() == Lines{"log generation_applied", "commit"});
}

TEST_CASE("an implicit group goes on while its command runs, and its files stay whatever it says") {
  GroupSpec spec = edge();
  spec.implicit = true;
  spec.confirm = false;
  spec.check = {};
  Talk with(spec);
  with.tell(input::Recovered{});
  with.want(0, "1");
  with.tick();
  CHECK(with.staged({kNew}) == Lines{"swap"});
  CHECK(with.tell(input::Swapped{}) == Lines{"0 written", "tell"});
  with.want(0, "2");
  CHECK(with.tick() == Lines{"stage a=2"});
  with.staged({kNew});
  with.tell(input::Swapped{});
  for (int i = 0; i < 5; ++i) CHECK(with.told(Errc::check_failed).empty());
  CHECK(with.told() == Lines{"commit"});
}

TEST_CASE("complete templates wait for one that is not, but not for one that only is not any more") {
  Talk with(edge());
  with.tell(input::Recovered{});
  with.machine.wait_for(1, with.now);
  with.want(0, "1");
  with.now += seconds(60);
  CHECK(with.tick().empty());
  with.want(1, "2");
  CHECK(with.tick() == Lines{"stage a=1 b=2"});
  with.staged({kSame, kSame});
  with.machine.wait_for(1, with.now);
  with.want(0, "3");
  CHECK(with.tick().empty());
  with.now += seconds(1);
  CHECK(with.tick() == Lines{"stage a=3"});
}

TEST_CASE("quarantine leaves out the file that the message names, and heals when it changes") {
  GroupSpec spec = edge();
  spec.quarantine = true;
  Talk with(spec);
  with.tell(input::Recovered{});
  with.want(0, "good");
  with.want(1, "bad");
  with.tick();
  with.staged({kNew, kNew});
  CHECK(with.checked("[emerg] bad in /x/b:1") == Lines{"log check_failed", "stage a=good"});
  CHECK(with.staged({kNew}) == Lines{"check test it"});
  CHECK(with.checked() == Lines{"swap, keep"});
  CHECK(with.tell(input::Swapped{}) == Lines{"0 written", "log quarantined", "1 refused", "tell"});
  REQUIRE(with.machine.quarantined().size() == 1);
  CHECK(with.machine.quarantined()[0].problem == "[emerg] bad in /x/b:1");
  with.told();
  with.confirmed();
  // Another change does not try it again ..
  with.want(0, "better");
  with.want(1, "bad");
  CHECK(with.tick() == Lines{"stage a=better"});
  with.staged({kNew});
  with.checked();
  with.tell(input::Swapped{});
  with.told();
  with.confirmed();
  CHECK(with.machine.quarantined().size() == 1);
  // .. its own does.
  with.want(1, "mended");
  CHECK(with.tick() == Lines{"stage b=mended"});
}

TEST_CASE("removals pass where additions wait") {
  GroupSpec spec = edge();
  spec.check = {};
  spec.confirm = false;
  spec.implicit = true;
  Talk with(spec);
  with.tell(input::Recovered{});
  const auto change = [&](const std::string& text) {
    with.want(0, text);
    if (with.tick().empty()) return false;
    with.staged({kNew});
    with.tell(input::Swapped{});
    with.told();
    return true;
  };
  CHECK(change("h:1"));
  int passed = 0;
  std::string text = "h:1";
  while (change(text += " h:2") && passed < 100) ++passed;
  CHECK(passed >= 3);
  CHECK(passed < 10);
  CHECK(change("h:3"));  // h:1 is gone
  CHECK(with.machine.counters().held_by_budget == 1);
}

TEST_CASE("applied when new workers answer, settled when no older one accepts") {
  Talk with(edge());
  bring_to_signalling(with);
  CHECK(with.applied() == "");
  with.told();
  CHECK(with.applied() == "");
  with.confirmed();
  CHECK(with.applied() == "12");
  CHECK(with.settled() == "");
  // A text that is the same is live, but who serves has not settled.
  with.want(0, "1");
  with.tick();
  with.staged({kSame});
  CHECK(with.settled() == "");
  with.settle();
  CHECK(with.settled() == "12");
  CHECK(with.machine.settled_generation() == 2);
  with.now += seconds(1);
  with.want(1, "2");
  with.tick();
  with.staged({kSame});
  CHECK(with.settled() == "12");
}

TEST_CASE("what is undone was never applied") {
  Talk with(edge());
  bring_to_signalling(with);
  with.told();
  with.confirmed();
  with.settle();
  with.now += seconds(1);
  with.want(0, "3");
  with.tick();
  with.staged({kNew});
  with.checked();
  with.tell(input::Swapped{});
  with.told();
  with.confirmed(Errc::timeout);
  with.tell(input::Restored{});
  with.told();
  CHECK(with.applied() == "12");
  CHECK(with.settled() == "12");
}

TEST_CASE("a command that nobody can look behind is trusted a second after it ran") {
  GroupSpec spec = edge();
  spec.implicit = true;
  spec.confirm = false;
  spec.check = Command();
  Talk with(spec);
  with.tell(input::Recovered{});
  with.want(0, "1");
  with.tick();
  with.staged({kNew});
  with.tell(input::Swapped{});
  CHECK(with.applied() == "");
  with.told();
  CHECK(with.applied() == "1");
  CHECK(with.settled() == "");
  CHECK(with.machine.next_due(with.now) == with.now + seconds(1));
  with.now += seconds(1);
  with.tick();
  CHECK(with.settled() == "1");
}
