// Half-known worlds: outages, vanished instances, bad templates.
#include <doctest/doctest.h>

#include "tests/unit/renderer/dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kWeb = "{{range service \"web\"}}{{.ID}} {{end}}";
const auto kOne = entry("n1", "web-1", "web", "10.0.0.1", 80);
const auto kTwo = entry("n2", "web-2", "web", "10.0.0.2", 80);

// A renderer of kWeb that has written both instances.
void settle(Dialogue& with) {
  with.begin({kWeb});
  with.service("web", {kOne, kTwo});
  with.idle();
  with.wrote(0);
}

}  // namespace

TEST_CASE("an outage is one line, keeps all data, and its end is one line") {
  Dialogue with(Dialogue::settings());
  with.begin({kWeb + "{{key \"k\"}}"});
  with.service("web", {kOne});
  with.key("k", "v");
  with.idle();
  with.wrote(0);
  CHECK(with.fail_watch(service_named("web"), Errc::unreachable, "connection refused") ==
        Lines{"log warn registry_unreachable watch=health.service(web) error=connection refused"});
  CHECK(with.fail_watch(key_named("k"), Errc::unreachable, "connection refused") ==
        Lines{"log debug registry_unreachable watch=kv.get(k) error=connection refused"});
  CHECK(with.idle().empty());
  CHECK(with.machine.stale() == 2);
  CHECK(with.machine.snapshot().find(key_named("k"))->stale_since == with.now);
  CHECK(with.service("web", {kOne}).empty());
  CHECK(with.key("k", "v") == Lines{"log info registry_answers"});
  CHECK(with.idle().empty());
  CHECK_FALSE(with.machine.snapshot().find(key_named("k"))->stale_since);
}

TEST_CASE("another kind of trouble is another line") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{key \"a\"}}{{key \"b\"}}"});
  CHECK(with.fail_watch(key_named("a"), Errc::rejected, "403 Permission denied") ==
        Lines{"log warn registry_unreachable watch=kv.get(a) error=403 Permission denied"});
  CHECK(with.fail_watch(key_named("b"), Errc::unreachable, "connection refused") ==
        Lines{"log warn registry_unreachable watch=kv.get(b) error=connection refused"});
}

TEST_CASE("vanished without a word: stays, is probed, then goes with a warning") {
  Dialogue with(Dialogue::settings());
  settle(with);
  CHECK(with.service("web", {kOne}) ==
        Lines{"log debug instance_vanished service=web id=web-2 node=n2", "notes n2", "probe 10.0.0.2:80"});
  CHECK(with.idle().empty());
  CHECK(with.tell(input::NotesLoaded{"n2", Note::Kind::withdrawn, std::vector<Note>{}}).empty());
  CHECK(with.tell(input::NotesLoaded{"n2", Note::Kind::drain, std::vector<Note>{}}).empty());
  CHECK(with.tell(input::Probed{{"10.0.0.2", 80}, ProbeResult::open}) ==
        Lines{"log warn instance_held service=web id=web-2 node=n2 "
              "reason=it vanished without a withdrawal note and does not refuse connections"});
  CHECK(with.wait(seconds(1)) == Lines{"probe 10.0.0.2:80"});
  with.tell(input::Probed{{"10.0.0.2", 80}, ProbeResult::silent});
  const Lines lines = with.wait(seconds(9));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "probe 10.0.0.2:80");
  CHECK(lines[1] == "log warn instance_removed service=web id=web-2 node=n2 reason=hold_over");
  CHECK(lines[2] == "write out0: web-1 ");
  CHECK(with.machine.counters().released_early == 0);
}

TEST_CASE("withdrawn: gone as soon as the note is read") {
  Dialogue with(Dialogue::settings());
  settle(with);
  with.service("web", {kOne}, 20);
  CHECK(with.tell(input::NotesLoaded{"n2", Note::Kind::withdrawn, std::vector<Note>{{"web-2", 19}}}) ==
        Lines{"log info instance_removed service=web id=web-2 node=n2 reason=withdrawn"});
  CHECK(with.idle() == Lines{"write out0: web-1 "});
  CHECK(with.machine.counters().released_early == 1);
}

TEST_CASE("refused: gone as soon as the probe says so") {
  Dialogue with(Dialogue::settings());
  settle(with);
  with.service("web", {kOne});
  CHECK(with.tell(input::Probed{{"10.0.0.2", 80}, ProbeResult::refused}) ==
        Lines{"log info instance_removed service=web id=web-2 node=n2 reason=refused"});
  CHECK(with.idle() == Lines{"write out0: web-1 "});
}

TEST_CASE("critical: gone at once, nobody is asked") {
  Dialogue with(Dialogue::settings());
  settle(with);
  CHECK(with.service("web", {kOne, entry("n2", "web-2", "web", "10.0.0.2", 80, "critical")}).empty());
  CHECK(with.idle() == Lines{"write out0: web-1 "});
}

TEST_CASE("a registry that comes back empty takes nothing away; what registers again is just there") {
  Dialogue with(Dialogue::settings());
  settle(with);
  with.service("web", {}, 3);
  CHECK(with.idle().empty());
  CHECK(with.service("web", {kTwo}, 4) == Lines{"log info instance_returned service=web id=web-2 node=n2"});
  CHECK(with.service("web", {kOne, kTwo}, 5) == Lines{"log info instance_returned service=web id=web-1 node=n1"});
  CHECK(with.idle().empty());
  CHECK(with.machine.hold().held().empty());
}

TEST_CASE("the catalog's word alone does not drop a service whose instances are held") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{range services}}{{.Name}}:{{range service .Name}}{{.ID}} {{end}}{{end}}"});
  with.services({{"web", {}}});
  with.idle();
  with.service("web", {kOne});
  CHECK(with.idle() == Lines{"write out0: web:web-1 "});
  with.wrote(0);
  SUBCASE("catalog first, then the service, then the note") {
    CHECK(with.services({}).empty());
    CHECK(with.idle().empty());
    with.service("web", {}, 20);
    CHECK(with.idle().empty());
    with.tell(input::NotesLoaded{"n1", Note::Kind::withdrawn, std::vector<Note>{{"web-1", 19}}});
    CHECK(with.idle() == Lines{"write out0: ", "unwatch health.service(web)"});
  }
  SUBCASE("service first, then the catalog, then nothing for ten seconds") {
    with.service("web", {}, 20);
    with.services({});
    CHECK(with.idle().empty());
    with.tell(input::Probed{{"10.0.0.1", 80}, ProbeResult::silent});
    CHECK(with.wait(milliseconds(9999)) == Lines{"notes n1", "probe 10.0.0.1:80"});
    CHECK(with.wait(milliseconds(1)) == Lines{"log warn instance_removed service=web id=web-1 node=n1 reason=hold_over",
                                              "write out0: ", "unwatch health.service(web)"});
  }
  SUBCASE("the service's watch gets no answer: the name goes in the end") {
    with.services({});
    with.fail_watch(service_named("web"), Errc::timeout, "x");
    CHECK(with.wait(milliseconds(11999)).empty());
    CHECK(with.wait(milliseconds(1)) == Lines{"write out0: ", "unwatch health.service(web)"});
  }
  SUBCASE("both come back") {
    with.services({});
    with.service("web", {}, 20);
    with.service("web", {kOne}, 21);
    with.services({{"web", {}}});
    CHECK(with.idle().empty());
  }
}

TEST_CASE("the caret stands under its column, also behind quotes that the log escapes") {
  Dialogue with(Dialogue::settings(1));
  with.start();
  const Lines lines = with.load(0, R"({{ service "x" "any" | foo }})");
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].find("foo") != std::string::npos);
  // These lines are values; written out, each of the four quotes takes one column more.
  CHECK(lines[1].find("foo") + 4 == lines[2].find('^'));
}

TEST_CASE("a template that cannot be parsed: place, source line, caret; the others go on") {
  Dialogue with(Dialogue::settings(2));
  with.start();
  const Lines lines = with.load(0, "ok\n  server {{ range }};\n");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("log error template_error template=t0 line=2 column="));
  CHECK(lines[0].find("missing value for range") != std::string::npos);
  CHECK(lines[1].starts_with("log error template_source at="));
  CHECK(lines[1].find("server {{ range }};") != std::string::npos);
  CHECK(lines[2].find('^') != std::string::npos);
  with.load(1, "b");
  CHECK(with.idle() == Lines{"write out1: b"});
  CHECK(with.machine.templates()[0].phase == TemplateState::Phase::refused);
}

TEST_CASE("what the author may have meant stands beside the error, not in it") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{range service \"web\"}}{{.Adress}}{{end}}"});
  with.service("web", {kOne});
  const Lines lines = with.idle();
  REQUIRE(!lines.empty());
  CHECK(lines[0] ==
        "log error template_error template=t0 line=1 column=26 error=template: t0:1:25: executing \"t0\" at <.Adress>: "
        "can't evaluate field Adress in type *dependency.HealthService hint=did you mean \"Address\"?");
}

TEST_CASE("an unreadable template is said, and a reload gives it another chance") {
  Dialogue with(Dialogue::settings());
  with.start();
  CHECK(with.tell(input::TemplateLoaded{0, fail(Errc::not_found, "open t0: No such file or directory")}) ==
        Lines{"log error template_unreadable template=t0 error=open t0: No such file or directory"});
  CHECK(with.idle().empty());
  CHECK(with.tell(input::Reload{}) == Lines{"log info reloading templates=1", "load t0"});
  with.load(0, "now");
  CHECK(with.idle() == Lines{"write out0: now"});
}

TEST_CASE("reload: new text, same data, only the difference is watched; a broken text keeps the old one in use") {
  Dialogue with(Dialogue::settings());
  settle(with);
  with.tell(input::Reload{});
  with.load(0, kWeb + "{{keyOrDefault \"k\" \"d\"}}");
  CHECK(with.idle() == Lines{"watch kv.get(k)"});
  with.key("k", std::nullopt);
  CHECK(with.idle() == Lines{"write out0: web-1 web-2 d"});
  with.wrote(0);
  with.tell(input::Reload{});
  with.load(0, "{{end}}");
  CHECK(with.idle().empty());
  with.key("k", "x");
  CHECK(with.idle() == Lines{"write out0: web-1 web-2 x"});
}

TEST_CASE("a template that fails on its data keeps its file and its watches, and heals") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{with index (service \"web\") 0}}{{.ID}}{{end}} {{key \"k\"}}"});
  with.service("web", {kOne});
  with.key("k", "v");
  CHECK(with.idle() == Lines{"write out0: web-1 v"});
  with.wrote(0);
  with.service("web", {entry("n1", "web-1", "web", "10.0.0.1", 80, "critical")});
  const Lines lines = with.idle();
  REQUIRE(!lines.empty());
  CHECK(lines[0].starts_with("log error template_error template=t0 line=1 column="));
  CAPTURE(lines[0]);
  CHECK(lines[0].find("out of range") != std::string::npos);
  CHECK(with.machine.watched().size() == 2);
  // The same again is not said again.
  with.key("k", "w");
  CHECK(with.idle().empty());
  with.service("web", {kTwo});
  CHECK(with.machine.templates()[0].phase == TemplateState::Phase::failed);
  CHECK(with.idle() == Lines{"write out0: web-2 w"});
}
