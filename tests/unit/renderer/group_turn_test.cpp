// Taking turns with other load balancers, and waiting a random while.
#include <doctest/doctest.h>

#include "tests/unit/renderer/group_dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::apply;
using namespace longshore::render::apply::test;

namespace {

using Machine = GroupMachine;

GroupSpec fleet(base::Duration splay, const char* semaphore) {
  GroupSpec spec;
  spec.name = "edge";
  spec.tell = Followup{};
  spec.tell->what = Command("reload it");
  spec.turn.splay = splay;
  spec.turn.semaphore = semaphore;
  spec.turn.limit = 2;
  return spec;
}

Lines given(Talk& with) {
  return with.tell(input::Turn{});
}

constexpr const char* kOne = "server 10.0.0.1:80;";
constexpr const char* kTwo = "server 10.0.0.1:80; server 10.0.0.2:80;";
constexpr const char* kThree = "server 10.0.0.1:80; server 10.0.0.2:80; server 10.0.0.3:80;";

// The first file is there: one waited for nobody.
void begin(Talk& with) {
  with.tell(input::Recovered{});
  with.want(0, kTwo);
  CHECK(with.tick() == Lines{std::string("stage a=") + kTwo});
  with.staged({FilePlan::replace});
  with.tell(input::Swapped{});
  CHECK(with.told() == Lines{"commit"});
  CHECK(with.machine.state() == Machine::State::idle);
  with.settle();
}

Lines finish(Talk& with) {
  with.staged({FilePlan::replace});
  with.tell(input::Swapped{});
  return with.told();
}

}  // namespace

TEST_CASE("an addition waits for a turn, and leaves it when it is applied") {
  Talk with(fleet({}, "edges"));
  begin(with);
  with.want(0, kThree);
  CHECK(with.tick() == Lines{"take a turn: edges"});
  CHECK(with.machine.waits_for_turn());
  CHECK(with.machine.next_due(with.now) == with.now + seconds(10));
  with.now += seconds(1);
  CHECK(with.tick().empty());
  CHECK(given(with) == Lines{std::string("stage a=") + kThree});
  CHECK(finish(with) == Lines{"commit", "leave the turn"});
  CHECK(with.machine.counters().turns == 1);
  CHECK_FALSE(with.machine.has_turn());
}

TEST_CASE("what takes an address away waits for nobody, also when it comes while a turn is waited for") {
  Talk with(fleet(seconds(60), "edges"));
  begin(with);
  with.want(0, kOne);
  CHECK(with.tick() == Lines{std::string("stage a=") + kOne});
  CHECK(finish(with) == Lines{"commit"});

  Talk waiting(fleet({}, "edges"));
  begin(waiting);
  waiting.want(0, kThree);
  CHECK(waiting.tick() == Lines{"take a turn: edges"});
  waiting.want(0, "server 10.0.0.1:80; server 10.0.0.3:80;");
  CHECK(waiting.tick() == Lines{"stage a=server 10.0.0.1:80; server 10.0.0.3:80;"});
  CHECK(finish(waiting) == Lines{"commit", "leave the turn"});
  CHECK(waiting.machine.counters().turns == 0);
}

TEST_CASE("without a turn the change is applied all the same") {
  SUBCASE("nobody gives one") {
    Talk with(fleet({}, "edges"));
    begin(with);
    with.want(0, kThree);
    with.tick();
    with.now += seconds(10);
    CHECK(with.tick() == Lines{"log turn_not_given", std::string("stage a=") + kThree});
    CHECK(with.machine.counters().without_turn == 1);
    // Too late.
    CHECK(given(with).empty());
    CHECK(finish(with) == Lines{"commit", "leave the turn"});
  }
  SUBCASE("Consul is away") {
    Talk with(fleet({}, "edges"));
    begin(with);
    with.want(0, kThree);
    with.tick();
    input::Turn refused;
    refused.status = fail(Errc::unreachable, "no Consul");
    CHECK(with.tell(std::move(refused)) == Lines{"log turn_not_given", std::string("stage a=") + kThree});
    CHECK(finish(with) == Lines{"commit", "leave the turn"});
  }
}

TEST_CASE("a change that cannot be applied now does not keep others waiting") {
  Talk with(fleet({}, "edges"));
  begin(with);
  with.want(0, kThree);
  with.tick();
  given(with);
  with.staged({FilePlan::replace});
  input::Swapped failed;
  failed.status = fail(Errc::io, "no space left");
  const Lines told = with.tell(std::move(failed));
  CHECK(std::ranges::find(told, "leave the turn") != told.end());
  // Tried again with backoff, and with a new turn.
  with.now += seconds(120);
  const Lines again = with.tick();
  REQUIRE(again.size() == 1);
  CHECK(again.front() == "take a turn: edges");
}

TEST_CASE("the turn of an implicit group lasts until its command has run, or fails") {
  GroupSpec spec = fleet({}, "edges");
  spec.implicit = true;
  Talk with(spec);
  begin(with);
  with.want(0, kThree);
  with.tick();
  given(with);
  with.staged({FilePlan::replace});
  CHECK(with.tell(input::Swapped{}) == Lines{"0 written", "tell"});
  CHECK(with.tick().empty());
  SUBCASE("done") { CHECK(with.told() == Lines{"commit", "leave the turn"}); }
  SUBCASE("failed") { CHECK(with.told(Errc::check_failed) == Lines{"leave the turn"}); }
}

TEST_CASE("a template that goes while its turn is waited for gives it up") {
  Talk with(fleet({}, "edges"));
  begin(with);
  with.want(0, kThree);
  with.tick();
  with.machine.drop(0);
  CHECK(with.tick() == Lines{"leave the turn"});
}

TEST_CASE("an addition waits a part of the splay; a removal ends the wait") {
  Talk with(fleet(seconds(8), ""));
  begin(with);
  with.want(0, kThree);  // chance 0.5
  CHECK(with.tick().empty());
  CHECK(with.machine.next_due(with.now) == with.now + seconds(4));
  with.now += seconds(3);
  // More of them do not begin the wait anew.
  with.want(0, "server 10.0.0.1:80; server 10.0.0.2:80; server 10.0.0.3:80; server 10.0.0.4:80;");
  CHECK(with.machine.next_due(with.now) == with.now + seconds(1));
  with.want(0, kOne);
  CHECK(with.tick() == Lines{std::string("stage a=") + kOne});
  CHECK(finish(with) == Lines{"commit"});
}
