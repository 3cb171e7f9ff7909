// -wait min:max. Source of the semantics: consul-template, with its defects gone: timers start only from a template's
// own changes, and the first render is never delayed.
#include <doctest/doctest.h>

#include "tests/unit/renderer/dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

MachineSettings quiet(std::size_t templates = 1) {
  MachineSettings settings = Dialogue::settings(templates);
  settings.wait = {seconds(2), seconds(5)};
  return settings;
}

}  // namespace

TEST_CASE("the first render is not delayed, later ones wait for quiet") {
  Dialogue with(quiet());
  with.begin({"{{key \"k\"}}"});
  with.key("k", "1");
  CHECK(with.idle() == Lines{"write out0: 1"});
  with.wrote(0);
  with.key("k", "2");
  CHECK(with.idle().empty());
  CHECK(with.wait(milliseconds(1999)).empty());
  CHECK(with.wait(milliseconds(1)) == Lines{"write out0: 2"});
}

TEST_CASE("each change starts min anew, max counts from the first") {
  Dialogue with(quiet());
  with.begin({"{{key \"k\"}}"});
  with.key("k", "0");
  with.idle();
  with.wrote(0);
  for (const char* value : {"1", "2", "3"}) {  // at 0 s, 1.5 s, 3 s
    with.key("k", value);
    CHECK(with.wait(milliseconds(1500)).empty());
  }
  with.key("k", "4");  // at 4.5 s: quiet would end at 6.5 s, but max is 5 s
  CHECK(with.wait(milliseconds(499)).empty());
  CHECK(with.wait(milliseconds(1)) == Lines{"write out0: 4"});
  with.wrote(0);
  with.key("k", "5");
  CHECK(with.wait(milliseconds(1999)).empty());
  CHECK(with.wait(milliseconds(1)) == Lines{"write out0: 5"});
}

TEST_CASE("a template's timer runs from its own changes only") {
  Dialogue with(quiet(2));
  with.begin({"{{key \"a\"}}", "{{key \"b\"}}"});
  with.key("a", "1");
  with.key("b", "1");
  with.idle();
  with.wrote(0);
  with.wrote(1);
  with.key("a", "2");
  CHECK(with.wait(seconds(1)).empty());
  with.key("b", "2");
  CHECK(with.wait(seconds(1)) == Lines{"write out0: 2"});
  with.wrote(0);
  CHECK(with.wait(seconds(1)) == Lines{"write out1: 2"});
}

TEST_CASE("a template may have a window of its own") {
  MachineSettings settings = Dialogue::settings(2);
  settings.templates[1].wait = WaitWindow{seconds(1), seconds(4)};
  Dialogue with(settings);
  with.begin({"{{key \"a\"}}", "{{key \"a\"}}"});
  with.key("a", "1");
  with.idle();
  with.wrote(0);
  with.wrote(1);
  with.key("a", "2");
  CHECK(with.idle() == Lines{"write out0: 2"});
  with.wrote(0);
  CHECK(with.wait(seconds(1)) == Lines{"write out1: 2"});
}

TEST_CASE("changes that cancel each other out write what is there") {
  Dialogue with(quiet());
  with.begin({"{{key \"k\"}}"});
  with.key("k", "1");
  with.idle();
  with.wrote(0);
  with.key("k", "2");
  with.key("k", "1");
  CHECK(with.wait(seconds(2)) == Lines{"write out0: 1"});
  CHECK(with.wrote(0, FilePlan::unchanged) == Lines{"log debug file_unchanged destination=out0 template=t0"});
}

TEST_CASE("-once knows no waiting") {
  MachineSettings settings = quiet();
  settings.once = true;
  settings.templates[0].wait = WaitWindow{seconds(9), seconds(9)};
  Dialogue with(settings);
  with.begin({"{{key \"k\"}}"});
  with.key("k", "1");
  CHECK(with.idle() == Lines{"write out0: 1"});
}
