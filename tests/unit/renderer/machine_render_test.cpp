// From data to files: what is asked for, when a template is evaluated, when it is written.
#include <doctest/doctest.h>

#include "tests/unit/renderer/dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kWeb = "{{range service \"web\"}}{{.Address}}:{{.Port}};{{end}}";
const auto kOne = entry("n1", "web-1", "web", "10.0.0.1", 80);
const auto kTwo = entry("n2", "web-2", "web", "10.0.0.2", 80);

}  // namespace

TEST_CASE("load, find out what is needed, wait for it, write, say so") {
  Dialogue with(Dialogue::settings());
  CHECK(with.start() == Lines{"load t0"});
  CHECK(with.load(0, kWeb).empty());
  CHECK(with.idle() == Lines{"watch health.service(web)"});
  CHECK(with.idle().empty());
  CHECK(with.service("web", {kTwo, kOne}).empty());
  CHECK(with.idle() == Lines{"write out0: 10.0.0.1:80;10.0.0.2:80;"});
  CHECK_FALSE(with.machine.all_rendered());
  CHECK(with.wrote(0, FilePlan::create) == Lines{"log info file_written destination=out0 template=t0"});
  CHECK(with.machine.all_rendered());
  CHECK_FALSE(with.machine.next_wake());
}

TEST_CASE("a template without data is written at once") {
  Dialogue with(Dialogue::settings());
  CHECK(with.begin({"fixed"}) == Lines{"write out0: fixed"});
  CHECK(with.wrote(0, FilePlan::unchanged) == Lines{"log debug file_unchanged destination=out0 template=t0"});
}

TEST_CASE("answers that show nothing new cause nothing") {
  Dialogue with(Dialogue::settings());
  with.begin({kWeb});
  with.service("web", {kOne});
  with.idle();
  with.wrote(0);
  const auto before = with.machine.counters().evaluations;
  with.service("web", {kOne}, 20);
  CHECK(with.idle().empty());
  CHECK(with.machine.counters().evaluations == before);
}

TEST_CASE("only templates whose inputs changed are evaluated") {
  Dialogue with(Dialogue::settings(2));
  CHECK(with.begin({kWeb, "{{key \"k\"}}"}) == Lines{"watch health.service(web)", "watch kv.get(k)"});
  with.service("web", {kOne});
  with.key("k", "v");
  CHECK(with.idle() == Lines{"write out0: 10.0.0.1:80;", "write out1: v"});
  with.wrote(0);
  with.wrote(1);
  const auto before = with.machine.counters().evaluations;
  with.key("k", "w");
  CHECK(with.idle() == Lines{"write out1: w"});
  CHECK(with.machine.counters().evaluations == before + 1);
}

TEST_CASE("identical needs of several templates are one watch") {
  Dialogue with(Dialogue::settings(3));
  CHECK(with.begin({"{{len (service \"web\")}}", "{{len (service \"blue.web\")}}", "{{len (service \"web|any\")}}"}) ==
        Lines{"watch health.service(web)"});
  with.service("web", {kOne});
  CHECK(with.idle() == Lines{"write out0: 1", "write out1: 0", "write out2: 1"});
}

TEST_CASE("a burst of answers is one evaluation") {
  Dialogue with(Dialogue::settings());
  with.begin({kWeb + "{{key \"k\"}}"});
  with.service("web", {kOne});
  with.key("k", "a");
  with.idle();
  with.wrote(0);
  const auto before = with.machine.counters().evaluations;
  with.service("web", {kOne, kTwo});
  with.key("k", "b");
  with.key("k", "c");
  CHECK(with.idle() == Lines{"write out0: 10.0.0.1:80;10.0.0.2:80;c"});
  CHECK(with.machine.counters().evaluations == before + 1);
}

TEST_CASE("what the first answer asks for is watched next; what is not used any more is let go") {
  Dialogue with(Dialogue::settings());
  const std::string text = "{{range services}}{{.Name}}={{range service .Name}}{{.Port}}{{end}} {{end}}";
  CHECK(with.begin({text}) == Lines{"watch catalog.services"});
  with.services({{"a", {}}, {"b", {}}});
  CHECK(with.idle() == Lines{"watch health.service(a)", "watch health.service(b)"});
  with.service("a", {entry("n", "a1", "a", "", 1)});
  with.service("b", {});
  CHECK(with.idle() == Lines{"write out0: a=1 b= "});
  with.wrote(0);
  with.services({{"a", {}}});
  CHECK(with.idle() == Lines{"write out0: a=1 ", "unwatch health.service(b)"});
  CHECK(with.machine.watched().size() == 2);
}

TEST_CASE("while most is unknown, answers do not each cost an evaluation") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{range services}}{{range service .Name}}{{.Port}}{{end}}{{end}}"});
  consul::ServiceNames names;
  for (int i = 0; i < 100; ++i) names["s" + std::to_string(i)] = {};
  with.services(names);
  with.idle();
  const auto before = with.machine.counters().evaluations;
  for (int i = 0; i < 99; ++i) {
    with.service("s" + std::to_string(i), {});
    CHECK(with.idle().empty());
  }
  CHECK(with.machine.counters().evaluations == before);
  // 50 ms after the last of them it looks again what else is needed.
  CHECK(with.machine.next_wake() == with.now + milliseconds(50));
  with.service("s99", {});
  CHECK(with.idle() == Lines{"write out0: "});
  CHECK(with.machine.counters().evaluations == before + 1);
}

TEST_CASE("a key that is absent holds the file back, and the reason is named once") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{key \"k\"}}{{key \"l\"}}"});
  with.key("k", std::nullopt);
  CHECK(with.wait(seconds(4)).empty());
  CHECK(with.wait(seconds(2)) == Lines{"log warn template_waiting template=t0 unanswered=kv.get(l) absent=kv.get(k)"});
  CHECK(with.wait(seconds(60)).empty());
  with.key("l", "2");
  with.key("k", "1");
  CHECK(with.idle() == Lines{"write out0: 12"});
}

TEST_CASE("a file that was right stays while something new is not known yet") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{range ls \"app\"}}{{key .Value}}{{end}}"});
  Dependency prefix;
  prefix.kind = Dependency::Kind::tree;
  prefix.name = "app";
  with.tell(input::Answered{prefix, std::vector{pair("app/a", "k1")}, 1});
  CHECK(with.idle() == Lines{"watch kv.get(k1)"});
  with.key("k1", "x");
  CHECK(with.idle() == Lines{"write out0: x"});
  with.wrote(0);
  with.tell(input::Answered{prefix, std::vector{pair("app/a", "k2")}, 2});
  CHECK(with.idle() == Lines{"unwatch kv.get(k1)", "watch kv.get(k2)"});
  with.key("k2", "y");
  CHECK(with.idle() == Lines{"write out0: y"});
}

TEST_CASE("a deleted key keeps its last value in `key`") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{key \"k\"}}{{keyExists \"k\"}}"});
  with.key("k", "v");
  CHECK(with.idle() == Lines{"write out0: vtrue"});
  with.wrote(0);
  with.key("k", std::nullopt);
  CHECK(with.idle() == Lines{"write out0: vfalse"});
}

TEST_CASE("data that nobody wants any more is dropped") {
  Dialogue with(Dialogue::settings());
  with.begin({"fixed"});
  CHECK(with.service("web", {kOne}).empty());
  CHECK(with.fail_watch(service_named("web"), Errc::timeout, "x").empty());
  CHECK(with.machine.snapshot().entries().empty());
}
