// What a rolling change adds and takes away: tables.
#include <doctest/doctest.h>

#include "common/deploy/roll_steps.h"

using namespace longshore;
using namespace longshore::deploy;
using Names = std::vector<std::string>;

namespace {

// "b1@a" runs on engine a; with ! in front it does not, with ~ somebody else has made it; "+r" is the change's.
Box box(std::string text) {
  Box out;
  out.running = true;
  out.ours = true;
  for (; text.front() == '!' || text.front() == '~'; text.erase(0, 1))
    (text.front() == '!' ? out.running : out.ours) = false;
  if (const std::size_t plus = text.find('+'); plus != std::string::npos) {
    out.run = text.substr(plus + 1);
    text.resize(plus);
  }
  const std::size_t at = text.find('@');
  out.name = text.substr(0, at);
  out.id = "id-" + out.name;
  out.host = text.substr(at + 1);
  return out;
}

input::World world(const Names& boxes) {
  input::World out;
  for (const std::string& one : boxes) out.boxes.push_back(box(one));
  return out;
}

RollPlan plan(RollPlan::Kind kind, int instances = 0, Names hosts = {"a", "b"}) {
  RollPlan out;
  out.kind = kind;
  out.service = "books";
  out.image = "books:2";
  out.hosts = std::move(hosts);
  out.instances = instances;
  out.run = "r2";
  out.spec = "same";
  return out;
}

std::string names(const std::vector<Box>& boxes) {
  std::string out;
  for (const Box& one : boxes) out += (out.empty() ? "" : " ") + one.name;
  return out;
}

std::string added(const RollSteps& steps) {
  std::string out;
  for (const Addition& one : steps.additions)
    out += (out.empty() ? "" : " ") + (one.box.name.empty() ? "new" : one.box.name) + "@" + one.host;
  return out;
}

}  // namespace

TEST_CASE("a replacement stands where the old one stood, further ones where the fewest are") {
  struct Case {
    Names boxes;
    int instances;
    Names hosts;
    std::string additions;
    std::string removals;
    std::string leftovers;
  };
  const Case cases[] = {
      {{}, 0, {"a", "b"}, "new@a", "", ""},
      {{}, 3, {"a", "b"}, "new@a new@b new@a", "", ""},
      {{"b1@a", "b2@b"}, 0, {"a", "b"}, "new@a new@b", "b1 b2", ""},
      {{"b2@b", "b1@b"}, 0, {"a", "b"}, "new@b new@b", "b1 b2", ""},
      {{"b1@b", "b2@b"}, 4, {"a", "b"}, "new@b new@b new@a new@a", "b1 b2", ""},
      {{"b1@a", "b2@b", "b3@b"}, 1, {"a", "b"}, "new@a", "b1 b2 b3", ""},
      // The engine is not among those given: somewhere else.
      {{"b1@c", "b2@a"}, 0, {"a", "b"}, "new@a new@b", "b1 b2", ""},
      {{"b10@a", "b9@a", "!b3@a", "~!theirs@a", "~their@a"}, 0, {"a"}, "new@a new@a new@a", "b9 b10 their", "b3"},
  };
  for (const Case& row : cases) {
    const Result<RollSteps> steps =
        steps_for(plan(RollPlan::Kind::replace, row.instances, row.hosts), world(row.boxes));
    REQUIRE(steps);
    CHECK(added(*steps) == row.additions);
    CHECK(names(steps->removals) == row.removals);
    CHECK(names(steps->leftovers) == row.leftovers);
    CHECK_FALSE(steps->continued);
    CHECK(steps->run == "r2");
  }
}

TEST_CASE("a change that was broken off is continued by the same words only") {
  input::World seen = world({"!b1@a", "b2@b", "n1@a+r1", "!n2@b+r1"});
  seen.last = {"rolling", "rolling", "r1", "same", 2, {"id-b1", "id-b2"}};
  Result<RollSteps> steps = steps_for(plan(RollPlan::Kind::replace), seen);
  REQUIRE(steps);
  CHECK(steps->continued);
  CHECK(steps->run == "r1");
  CHECK(steps->wanted == 2);
  CHECK(names(steps->fresh) == "n1");
  CHECK(names(steps->gone) == "b1");
  CHECK(names(steps->leftovers) == "n2");
  CHECK(added(*steps) == "new@b");
  CHECK(names(steps->removals) == "b2");
  CHECK(steps->old == Names{"id-b1", "id-b2"});

  for (const char* stage : {"done", "undone", "scaling"}) {
    seen.last.stage = stage;
    steps = steps_for(plan(RollPlan::Kind::replace), seen);
    REQUIRE(steps);
    CHECK_FALSE(steps->continued);
    CHECK(names(steps->removals) == "b2 n1");
    CHECK(names(steps->leftovers) == "b1 n2");
  }
  seen.last.stage = "rolling";
  seen.last.spec = "other";
  CHECK_FALSE(steps_for(plan(RollPlan::Kind::replace), seen)->continued);
}

TEST_CASE("the way back starts what was replaced and stops all else") {
  input::World seen = world({"!b1@a", "b2@b", "n1@a+r1", "!n2@b+r1"});
  seen.last = {"rolling", "rolling", "r1", "same", 2, {"id-b1", "id-b2", "id-lost"}};
  const Result<RollSteps> steps = steps_for(plan(RollPlan::Kind::back), seen);
  REQUIRE(steps);
  CHECK(added(*steps) == "b1@a b2@b");
  CHECK(names(steps->removals) == "n1");
  CHECK(steps->leftovers.empty());
  CHECK(steps->old == Names{"id-n1"});

  seen.last.old = {"id-lost"};
  CHECK_FALSE(steps_for(plan(RollPlan::Kind::back), seen));
  seen.last = {};
  CHECK_FALSE(steps_for(plan(RollPlan::Kind::back), seen));
}

TEST_CASE("another number: up where the fewest are, down where the most are") {
  struct Case {
    Names boxes;
    int instances;
    std::string additions;
    std::string removals;
  };
  const Case cases[] = {
      {{"b1@a", "b2@b"}, 2, "", ""},
      {{"b1@a", "b2@a"}, 5, "new@b new@b new@a", ""},
      {{"b1@a", "b2@a", "b3@a", "b4@b"}, 1, "", "b3 b2 b4"},
      {{"b1@a", "b2@b"}, 0, "", "b2 b1"},
      {{"!b1@a"}, 1, "new@a", ""},
  };
  for (const Case& row : cases) {
    const Result<RollSteps> steps = steps_for(plan(RollPlan::Kind::scale, row.instances), world(row.boxes));
    REQUIRE(steps);
    CHECK(added(*steps) == row.additions);
    CHECK(names(steps->removals) == row.removals);
  }
  CHECK_FALSE(steps_for(plan(RollPlan::Kind::scale, 1), world({})));
  CHECK(steps_for(plan(RollPlan::Kind::scale, 0), world({})));
  // Both versions run: what is surplus is not known.
  input::World half = world({"b1@a"});
  half.last = {"rolling", "paused", "r1", "same", 2, {}};
  CHECK_FALSE(steps_for(plan(RollPlan::Kind::scale, 2), half));
}

TEST_CASE("what a scale to none has stopped comes back first") {
  input::World seen = world({"b1@a", "b2@b", "~theirs@b"});
  Result<RollSteps> steps = steps_for(plan(RollPlan::Kind::scale, 0), seen);
  REQUIRE(steps);
  CHECK(names(steps->removals) == "theirs b2 b1");
  CHECK(steps->rest == Names{"id-theirs", "id-b2", "id-b1"});

  // "!o1" was replaced by an earlier change, "!x1" is of nobody knows what.
  seen = world({"!b1@a", "!b2@b", "~!theirs@b", "!o1@a", "!x1@a"});
  seen.last = {"rolling", "done", "r1", "same", 2, {"id-o1"}, {"id-theirs", "id-b2", "id-b1", "id-lost"}};
  struct Case {
    int instances;
    std::string additions;
    Names rest;
  };
  const Case cases[] = {
      {0, "", {"id-b1", "id-b2", "id-theirs"}},
      {1, "b1@a", {"id-b2", "id-theirs"}},
      {2, "b1@a b2@b", {"id-theirs"}},
      {5, "b1@a b2@b theirs@b new@a new@a", {}},
  };
  for (const Case& row : cases) {
    steps = steps_for(plan(RollPlan::Kind::scale, row.instances), seen);
    REQUIRE(steps);
    CHECK(added(*steps) == row.additions);
    CHECK(steps->removals.empty());
    CHECK(steps->rest == row.rest);
  }

  // Of a replacement they are the old ones: kept for the way back, and not started when it fails.
  steps = steps_for(plan(RollPlan::Kind::replace), seen);
  REQUIRE(steps);
  CHECK(added(*steps) == "new@a");
  CHECK(steps->old == Names{"id-b1", "id-b2", "id-theirs"});
  CHECK(names(steps->leftovers) == "o1 x1");
  CHECK(steps->gone.empty());
  // The way back leads to what was before, and forth to them.
  steps = steps_for(plan(RollPlan::Kind::back), seen);
  REQUIRE(steps);
  CHECK(added(*steps) == "o1@a");
  CHECK(steps->old == Names{"id-b1", "id-b2", "id-theirs"});
}

TEST_CASE("the colour that serves is what is changed") {
  input::World seen = world({"b1@a", "g1@a"});
  seen.color = "green";
  seen.boxes[1].color = "green";
  const Result<RollSteps> steps = steps_for(plan(RollPlan::Kind::replace), seen);
  REQUIRE(steps);
  CHECK(names(steps->removals) == "g1");
  CHECK(free_number("books", "green", {"books-green-1", "books-2", "books-green-2"}) == 3);
  CHECK(free_number("books", "", {"books-green-1", "books-2"}) == 1);
}
