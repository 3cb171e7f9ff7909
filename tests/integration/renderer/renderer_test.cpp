// The whole renderer against a scripted Consul: real sockets, real files, real commands.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/integration/renderer/listener.h"
#include "tests/integration/renderer/stage.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kWeb = "{{range service \"web\"}}{{.ID}}@{{.Address}}:{{.Port}} {{end}}";

}  // namespace

TEST_CASE("-once: files, commands in order, exit code 0") {
  Stage stage;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}, {"n0", "b", "10.0.0.2", 81, "critical"}});
  stage.consul.set_key("k", "v");
  stage.config.machine.once = stage.config.watch.once = true;
  const std::string journal = stage.dir / "journal";
  stage.add("one", kWeb + "{{key \"k\"}}\n", "echo first >> " + journal);
  stage.add("two", kWeb + "{{range service \"web|any\"}}{{.Status}} {{end}}{{key \"k\"}}", "echo second >> " + journal);
  stage.add("three", "{{len (service \"web\")}}{{keyOrDefault \"k\" \"d\"}}", "echo first >> " + journal);
  stage.start();
  REQUIRE(stage.until([&] { return stage.code.has_value(); }));
  CHECK(*stage.code == 0);
  CHECK(stage.file("one") == "a@10.0.0.1:80 v\n");
  CHECK(stage.file("two") == "a@10.0.0.1:80 critical passing v");
  CHECK(stage.file("three") == "1v");
  CHECK(slurp(journal) == "first\nsecond\n");
  // One read for each of the two dependencies, nothing left parked in Consul.
  CHECK(stage.consul.requests() == 2);
  struct stat info {};
  REQUIRE(::stat((stage.dir / "one.out").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0644);
}

TEST_CASE("-once: a template error is 14, the others are rendered") {
  Stage stage;
  stage.config.machine.once = true;
  stage.add("bad", "{{ if }}");
  stage.add("good", "fine");
  stage.start();
  REQUIRE(stage.until([&] { return stage.code.has_value(); }));
  CHECK(*stage.code == 14);
  CHECK(stage.file("good") == "fine");
  CHECK_FALSE(exists(stage.dir / "bad.out"));
}

TEST_CASE("an error in the log is short, also when it is no text") {
  MachineSettings settings;
  settings.templates.push_back({.source = "t", .destination = "out"});
  RenderMachine machine(settings, all_functions());
  std::string error;
  const auto step = [&](Input input) {
    for (const Action& action : machine.step(std::move(input), base::TimePoint(std::chrono::hours(1))))
      if (const auto* line = std::get_if<base::LogLine>(&action); line != nullptr && line->event == "template_error")
        for (const auto& [key, value] : line->fields)
          if (key == "error") error = value;
  };
  step(input::Start{});
  step(input::TemplateLoaded{0, R"({{ sprig_fail (sprig_repeat 9000 "\x80") }})"});
  step(input::Idle{});
  CHECK(error.find("\x80") != std::string::npos);
  CHECK(error.size() > 2000);
  CHECK(error.size() < 2100);
}

TEST_CASE("-once waits for a key that is absent") {
  Stage stage;
  stage.config.machine.once = stage.config.watch.once = true;
  stage.add("key", "{{key \"k\"}}");
  stage.start();
  REQUIRE(stage.until([&] { return stage.renderer->machine().snapshot().entries().size() == 1; }));
  CHECK_FALSE(stage.code);
  stage.consul.set_key("k", "v");
  REQUIRE(stage.until([&] { return stage.code.has_value(); }));
  CHECK(*stage.code == 0);
  CHECK(stage.file("key") == "v");
}

TEST_CASE("a change reaches the file and runs the command, nothing else does") {
  Stage stage;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}});
  const std::string journal = stage.dir / "journal";
  stage.add("web", kWeb, "echo x >> " + journal);
  stage.start();
  REQUIRE(stage.until_file("web", "a@10.0.0.1:80 "));
  REQUIRE(stage.until([&] { return slurp(journal) == "x\n"; }));
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}, {"n2", "b", "10.0.0.2", 80}});
  REQUIRE(stage.until_file("web", "a@10.0.0.1:80 b@10.0.0.2:80 "));
  REQUIRE(stage.until([&] { return slurp(journal) == "x\nx\n"; }));
  // The same data under a new index.
  const auto before = stage.renderer->machine().counters().evaluations;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}, {"n2", "b", "10.0.0.2", 80}});
  stage.consul.set_service("other", {{"n1", "c", "10.0.0.3", 80}});
  CHECK(stage.stays([&] { return slurp(journal) == "x\nx\n"; }, milliseconds(300)));
  CHECK(stage.renderer->machine().counters().evaluations == before);
  CHECK(stage.stop() == 0);
}

TEST_CASE("errors, silence and garbage keep the file; afterwards it follows again") {
  using Mode = FakeConsul::Mode;
  for (const Mode mode : {Mode::server_error, Mode::leaderless, Mode::rate_limited, Mode::garbage}) {
    CAPTURE(static_cast<int>(mode));
    Stage stage;
    stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}});
    stage.add("web", kWeb);
    stage.start();
    REQUIRE(stage.until_file("web", "a@10.0.0.1:80 "));
    CHECK(stage.renderer->source().readiness().ready);
    stage.consul.set_mode(mode);
    REQUIRE(stage.until([&] { return stage.renderer->machine().stale() == 1; }));
    CHECK_FALSE(stage.renderer->source().readiness().ready);
    stage.consul.set_service("web", {});
    CHECK(stage.stays([&] { return stage.file("web") == "a@10.0.0.1:80 "; }, milliseconds(300)));
    stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 81}});
    stage.consul.set_mode(Mode::answers);
    CHECK(stage.until_file("web", "a@10.0.0.1:81 "));
    CHECK(stage.until([&] { return stage.renderer->source().readiness().ready; }));
  }
}

TEST_CASE("Consul not there at the start, then there, then away, then back on the same address") {
  Stage stage;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}});
  stage.add("web", kWeb);
  stage.consul.stop();
  stage.start();
  REQUIRE(stage.until([&] { return stage.renderer->machine().counters().watch_errors > 1; }));
  CHECK_FALSE(exists(stage.dir / "web.out"));
  stage.consul.start();
  REQUIRE(stage.until_file("web", "a@10.0.0.1:80 "));
  stage.consul.stop();
  REQUIRE(stage.until([&] { return stage.renderer->machine().stale() == 1; }));
  CHECK(stage.file("web") == "a@10.0.0.1:80 ");
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 82}});
  stage.consul.start();
  CHECK(stage.until_file("web", "a@10.0.0.1:82 "));
}

TEST_CASE("a server that comes back empty, with a lower index: what still listens stays, and is just there again") {
  Stage stage;
  const Listener alive;
  const FakeInstance instance{"n1", "a", "127.0.0.1", alive.port()};
  const std::string want = "a@127.0.0.1:" + std::to_string(alive.port()) + " ";
  stage.consul.set_service("web", {instance});
  stage.add("web", "{{range services}}{{range service .Name}}{{.ID}}@{{.Address}}:{{.Port}} {{end}}{{end}}");
  stage.start();
  REQUIRE(stage.until_file("web", want));
  stage.consul.wipe();
  REQUIRE(stage.until([&] { return stage.renderer->machine().hold().held().size() == 1; }));
  CHECK(stage.stays([&] { return stage.file("web") == want; }, milliseconds(500)));
  stage.consul.set_service("web", {instance});
  REQUIRE(stage.until([&] { return stage.renderer->machine().hold().held().empty(); }));
  CHECK(stage.file("web") == want);
  CHECK(stage.renderer->machine().counters().files_written == 1);
}

TEST_CASE("vanished and refusing: gone at once; withdrawn or drained: gone at once though it listens") {
  for (const std::string how : {"refused", "withdrawn", "drained"}) {
    CAPTURE(how);
    Stage stage;
    auto alive = std::make_unique<Listener>();
    const int port = alive->port();
    stage.consul.set_service("web", {{"n1", "a", "127.0.0.1", port}, {"n2", "b", "10.0.0.2", 80}});
    stage.add("web", kWeb);
    stage.start();
    REQUIRE(stage.until_file("web", "a@127.0.0.1:" + std::to_string(port) + " b@10.0.0.2:80 "));
    if (how == "refused") alive.reset();
    if (how == "withdrawn") stage.consul.set_key("longshore/withdrawn/n1/a", "{\"version\":1}");
    if (how == "drained") stage.consul.set_key("longshore/drains/n1/a", "{\"version\":1}");
    stage.consul.set_service("web", {{"n2", "b", "10.0.0.2", 80}});
    CHECK(stage.until_file("web", "b@10.0.0.2:80 ", seconds(2)));
  }
}

TEST_CASE("vanished, listening, unexplained: held for its time, then gone") {
  Stage stage;
  const Listener alive;
  stage.config.machine.hold.hold = milliseconds(1500);
  stage.consul.set_service("web", {{"n1", "a", "127.0.0.1", alive.port()}});
  stage.add("web", kWeb);
  stage.start();
  const std::string want = "a@127.0.0.1:" + std::to_string(alive.port()) + " ";
  REQUIRE(stage.until_file("web", want));
  stage.consul.set_service("web", {});
  CHECK(stage.stays([&] { return stage.file("web") == want; }, milliseconds(1000)));
  CHECK(stage.until_file("web", "", seconds(3)));
  CHECK(exists(stage.dir / "web.out"));
}

TEST_CASE("a failing command is tried again and stops nothing") {
  Stage stage;
  stage.consul.set_key("k", "1");
  const std::string flag = stage.dir / "flag";
  stage.add("a", "{{key \"k\"}}", "test -e " + flag);
  stage.add("b", "{{key \"k\"}}", "echo ran >> " + (stage.dir / "b.journal"));
  stage.start();
  REQUIRE(stage.until([&] { return slurp(stage.dir / "b.journal") == "ran\n"; }));
  REQUIRE(stage.until([&] { return stage.renderer->machine().followups().any_failed(); }));
  stage.consul.set_key("k", "2");
  REQUIRE(stage.until_file("a", "2"));
  spill(flag, "");
  CHECK(stage.until([&] { return stage.renderer->machine().followups().pending() == 0; }));
}

TEST_CASE("reload reads the templates again and keeps watches and data") {
  Stage stage;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}});
  stage.add("web", kWeb);
  stage.start();
  REQUIRE(stage.until_file("web", "a@10.0.0.1:80 "));
  // The read, and the query that is parked after it.
  REQUIRE(stage.until([&] { return stage.consul.requests() == 2; }));
  const auto before = stage.consul.requests();
  spill(stage.dir / "web", "new " + kWeb);
  stage.renderer->request_reload();
  REQUIRE(stage.until_file("web", "new a@10.0.0.1:80 "));
  CHECK(stage.consul.requests() == before);
}

TEST_CASE("stop ends everything, also with queries parked and Consul away") {
  Stage stage;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}});
  stage.add("web", kWeb + "{{key \"never\"}}");
  stage.start();
  REQUIRE(stage.until([&] { return stage.renderer->machine().snapshot().entries().size() == 2; }));
  CHECK(stage.stop() == 0);
}

TEST_CASE("metrics and the status page name what is there") {
  Stage stage;
  stage.consul.set_service("web", {{"n1", "a", "10.0.0.1", 80}});
  stage.add("web", kWeb);
  stage.add("held-back", "{{key \"never\"}}");
  stage.start();
  REQUIRE(stage.until_file("web", "a@10.0.0.1:80 "));
  REQUIRE(stage.until([&] { return stage.renderer->machine().snapshot().entries().size() == 2; }));
  const status::Source source = stage.renderer->source();
  const std::string text = status::to_prometheus(source.metrics());
  CHECK(text.find("longshore_render_files_written_total 1") != std::string::npos);
  CHECK(text.find("longshore_render_watches 2") != std::string::npos);
  CHECK(text.find("longshore_render_connections 2") != std::string::npos);
  const std::string page = source.status_json();
  CHECK(page.find("\"phase\":\"rendered\"") != std::string::npos);
  CHECK(page.find("\"missing\":[\"kv.get(never)\"]") != std::string::npos);
  const status::Readiness readiness = source.readiness();
  CHECK_FALSE(readiness.ready);
  CHECK(readiness.why.find("held-back.out is waiting") != std::string::npos);
}
