// What the renderer tells others of how far its files have got.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/renderer/dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

MachineSettings publishing(std::size_t templates = 1) {
  MachineSettings settings = Dialogue::settings(templates);
  settings.publish = true;
  return settings;
}

drain::ServiceWord word_of(const Dialogue& with, const std::string& service) {
  const auto services = with.machine.word().services;
  const auto found = services.find(service);
  return found == services.end() ? drain::ServiceWord{{777, 777, 777}, {777, 777, 777}} : found->second;
}

bool publishes(const Lines& lines) {
  return std::ranges::find(lines, "publish") != lines.end();
}

constexpr const char* kTemplate = "{{range service \"web\"}}{{.ID}} {{end}}";

}  // namespace

TEST_CASE("a file that nobody is told of is settled as soon as it is written") {
  Dialogue with(publishing());
  with.begin({kTemplate});
  CHECK(with.machine.word().starting);
  CHECK(word_of(with, "web").settled.index == 0);
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80)}, 20);
  with.idle();
  CHECK(word_of(with, "web").settled.index == 0);
  with.wrote(0);
  CHECK(publishes(with.idle()));
  CHECK_FALSE(with.machine.word().starting);
  const drain::ServiceWord said = word_of(with, "web");
  CHECK(said.settled.index == 20);
  CHECK(said.applied == said.settled);
  CHECK(said.settled.hash == drain::set_hash({entry("n1", "a", "web", "10.0.0.1", 80)}));
  // Nothing changes: nothing is told.
  CHECK_FALSE(publishes(with.idle()));
}

TEST_CASE("with a command: applied when it has run after the last write, settled a second later") {
  MachineSettings settings = publishing();
  settings.templates[0].command = std::string("reload it");
  Dialogue with(settings);
  with.begin({kTemplate});
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80)}, 20);
  with.idle();
  with.wrote(0);
  with.idle();
  CHECK(word_of(with, "web").applied.index == 0);
  // The file changes while the command runs: that run does not count.
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80), entry("n1", "b", "web", "10.0.0.2", 80)}, 21);
  with.idle();
  with.wrote(0);
  with.ran();
  with.idle();
  CHECK(word_of(with, "web").applied.index == 0);
  with.ran();
  CHECK(publishes(with.idle()));
  CHECK(word_of(with, "web").applied.index == 21);
  CHECK(word_of(with, "web").settled.index == 0);
  CHECK(publishes(with.wait(seconds(1))));
  CHECK(word_of(with, "web").settled.index == 21);
}

TEST_CASE("a failing command says nothing") {
  MachineSettings settings = publishing();
  settings.templates[0].command = std::string("reload it");
  Dialogue with(settings);
  with.begin({kTemplate});
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80)}, 20);
  with.idle();
  with.wrote(0);
  with.ran(false);
  with.idle();
  CHECK(word_of(with, "web").applied.index == 0);
}

TEST_CASE("while a vanished instance is held the answer of before counts") {
  Dialogue with(publishing());
  with.begin({kTemplate});
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80), entry("n1", "b", "web", "10.0.0.2", 80)}, 20);
  with.idle();
  with.wrote(0);
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80)}, 30);
  with.idle();
  CHECK(word_of(with, "web").settled.index == 20);
  with.tell(input::NotesLoaded{"n1", Note::Kind::withdrawn, std::vector<Note>{{"b", 25}}});
  with.idle();
  with.wrote(0);
  with.idle();
  const drain::ServiceWord said = word_of(with, "web");
  CHECK(said.settled.hash == drain::set_hash({entry("n1", "a", "web", "10.0.0.1", 80)}));
}

TEST_CASE("two templates: the slower one counts; files that are held back are named") {
  Dialogue with(publishing(2));
  with.begin({kTemplate, kTemplate});
  with.service("web", {entry("n1", "a", "web", "10.0.0.1", 80)}, 20);
  with.idle();
  with.wrote(0);
  with.unwritten(1, "read-only file system");
  CHECK(publishes(with.idle()));
  CHECK(word_of(with, "web").settled.index == 0);
  CHECK(with.machine.word().held_back == std::vector<std::string>{"out1"});
}

TEST_CASE("a renderer that does not get ready names what it uses after a while") {
  Dialogue with(publishing());
  with.begin({"{{key \"never\"}}{{range service \"web\"}}{{.ID}}{{end}}"});
  CHECK(with.machine.word().starting);
  with.wait(seconds(10));
  CHECK_FALSE(with.machine.word().starting);
  CHECK(word_of(with, "web").settled.index == 0);
}

// As at a switch of colours: the data of both has been there for a while, so no pass waits for any.
TEST_CASE("a pass that uses other services than the one before tells what it knew of them") {
  Dialogue with(publishing());
  with.begin(
      {"{{if eq (key \"color\") \"blue\"}}{{range service \"blue\"}}{{.ID}} {{end}}{{end}}"
       "{{range service \"green\"}}{{.ID}} {{end}}"});
  with.key("color", "blue");
  with.wait(seconds(1));
  with.service("blue", {entry("n1", "a", "blue", "10.0.0.1", 80)}, 20);
  with.service("green", {entry("n1", "b", "green", "10.0.0.2", 80)}, 21);
  with.wait(seconds(1));
  with.wrote(0);
  with.wait(seconds(1));
  CHECK(word_of(with, "blue").settled.index == 20);
  CHECK(word_of(with, "green").settled.index == 21);
  with.key("color", "green");
  with.wait(seconds(1));
  with.wrote(0);
  with.wait(seconds(1));
  CHECK_FALSE(with.machine.word().services.contains("blue"));
  CHECK(word_of(with, "green").settled.index == 21);
}

TEST_CASE("the colour for which a file was rendered is told once it has settled") {
  using Colors = std::map<std::string, std::set<std::string>>;
  Dialogue with(publishing(2));
  const auto says = [&] { return with.machine.word().colors; };
  // By its key, and by the folder of all.
  with.begin({"{{range service (print \"b-\" (key \"services/b/color\"))}}{{.ID}} {{end}}",
              "{{range members \"b\"}}{{.ID}} {{end}}"});
  with.key("services/b/color", "blue");
  with.wait(seconds(1));
  with.service("b-blue", {entry("n1", "a", "b-blue", "10.0.0.1", 80)}, 20);
  with.service("b", {}, 21);
  with.wait(seconds(1));
  with.wrote(0);
  with.wait(seconds(1));
  CHECK(says() == Colors{{"b", {"blue"}}});
  const auto tree = [&](const char* color) {
    std::vector<consul::KvPair> pairs{pair("services/b/color", color), pair("services/other/color", "blue")};
    const Dependency folder = parse_prefix("services/").value();
    with.tell(input::Answered{folder, std::move(pairs), 30});
    with.wait(seconds(1));
  };
  tree("blue");
  with.service("b", {}, 21);
  with.wait(seconds(1));
  with.wrote(1);
  with.wait(seconds(1));
  CHECK(says() == Colors{{"b", {"blue"}}});
  with.service("b-green", {entry("n1", "c", "b-green", "10.0.0.2", 80)}, 22);
  with.key("services/b/color", "green");
  with.wait(seconds(1));
  with.service("b-green", {entry("n1", "c", "b-green", "10.0.0.2", 80)}, 22);
  with.wait(seconds(1));
  CHECK(says() == Colors{{"b", {"blue"}}});
  with.wrote(0);
  with.wait(seconds(1));
  CHECK(says() == Colors{{"b", {"blue", "green"}}});
  tree("green");
  with.wrote(1);
  with.wait(seconds(1));
  CHECK(says() == Colors{{"b", {"green"}}});
}
