// After a change: commands, reloads, failures, -once, -dry, stop.
#include <doctest/doctest.h>

#include "tests/unit/renderer/dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kWritten0 = "log info file_written destination=out0 template=t0";
const std::string kWritten1 = "log info file_written destination=out1 template=t1";
const std::string kWritten2 = "log info file_written destination=out2 template=t2";

MachineSettings commanded(std::vector<std::string> commands) {
  MachineSettings settings = Dialogue::settings(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) settings.templates[i].command = commands[i];
  return settings;
}

}  // namespace

TEST_CASE("commands run after all writes of the pass, each once, one after another") {
  Dialogue with(commanded({"reload it", "other", "reload it"}));
  CHECK(with.begin({"a", "b", "c"}) == Lines{"write out0: a", "write out1: b", "write out2: c"});
  CHECK(with.wrote(0) == Lines{kWritten0});
  CHECK(with.wrote(1) == Lines{kWritten1});
  CHECK(with.wrote(2) == Lines{kWritten2, "run reload it"});
  CHECK(with.idle().empty());
  CHECK(with.ran() == Lines{"log info command_done command=reload it took=12ms", "run other"});
  CHECK(with.ran() == Lines{"log info command_done command=other took=12ms"});
}

TEST_CASE("an unchanged file runs no command") {
  Dialogue with(commanded({"reload it"}));
  with.begin({"a"});
  CHECK(with.wrote(0, FilePlan::unchanged) == Lines{"log debug file_unchanged destination=out0 template=t0"});
  CHECK(with.idle().empty());
}

TEST_CASE("changes while a command runs are written, and the command runs again") {
  Dialogue with(commanded({"reload it"}));
  with.begin({"{{key \"k\"}}"});
  with.key("k", "1");
  with.idle();
  with.wrote(0);
  with.key("k", "2");
  CHECK(with.idle() == Lines{"write out0: 2"});
  CHECK(with.wrote(0) == Lines{kWritten0});
  with.key("k", "3");
  CHECK(with.idle() == Lines{"write out0: 3"});
  CHECK(with.wrote(0) == Lines{kWritten0});
  CHECK(with.ran() == Lines{"log info command_done command=reload it took=12ms", "run reload it"});
  CHECK(with.ran() == Lines{"log info command_done command=reload it took=12ms"});
}

TEST_CASE("templates without a command share one reload per pass") {
  MachineSettings settings = commanded({"", "own", ""});
  settings.reload_pid_file = "/run/nginx.pid";
  Dialogue with(settings);
  with.begin({"a", "b", "c"});
  with.wrote(0);
  with.wrote(1);
  CHECK(with.wrote(2) == Lines{kWritten2, "hup /run/nginx.pid"});
  CHECK(with.ran() == Lines{"log info reload_sent pid_file=/run/nginx.pid took=12ms", "run own"});
}

TEST_CASE("a command that fails is said and tried again, the others go on") {
  Dialogue with(commanded({"bad", "good"}));
  with.begin({"a", "b"});
  with.wrote(0);
  CHECK(with.wrote(1) == Lines{kWritten1, "run bad"});
  const Lines lines = with.ran(false);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("log error command_failed command=bad took") == false);
  CHECK(lines[0].starts_with("log error command_failed command=bad error=exit code 1 retry_in="));
  CHECK(lines[1] == "run good");
  CHECK(with.ran() == Lines{"log info command_done command=good took=12ms"});
  CHECK(with.wait(seconds(1)) == Lines{"run bad"});
  CHECK(with.ran() == Lines{"log info command_done command=bad took=12ms"});
  CHECK_FALSE(with.machine.next_wake());
}

TEST_CASE("a reload that fails is tried again") {
  MachineSettings settings = Dialogue::settings();
  settings.reload_pid_file = "p";
  Dialogue with(settings);
  with.begin({"a"});
  CHECK(with.wrote(0) == Lines{kWritten0, "hup p"});
  const Lines lines = with.ran(false);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("log error reload_failed pid_file=p error=exit code 1 retry_in="));
  CHECK(with.wait(seconds(1)) == Lines{"hup p"});
}

TEST_CASE("a file that cannot be written is said and tried again, the others go on, no command for it") {
  Dialogue with(commanded({"one", "two"}));
  with.begin({"a", "b"});
  const Lines lines = with.unwritten(0, "write out0: No space left on device");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(
      "log error file_write_failed destination=out0 error=write out0: No space left on device retry_in="));
  CHECK(with.wrote(1) == Lines{kWritten1, "run two"});
  with.ran();
  CHECK(with.wait(milliseconds(500)) == Lines{"write out0: a"});
  with.unwritten(0, "write out0: No space left on device");
  CHECK(with.wait(milliseconds(500)).empty());
  CHECK(with.wait(milliseconds(500)) == Lines{"write out0: a"});
  CHECK(with.wrote(0) == Lines{kWritten0, "run one"});
  CHECK(with.machine.all_rendered() == true);
}

TEST_CASE("-once ends with 0 when every file is right and every command has run") {
  MachineSettings settings = commanded({"one", ""});
  settings.once = true;
  Dialogue with(settings);
  CHECK(with.begin({"a", "{{key \"k\"}}"}) == Lines{"write out0: a", "watch kv.get(k)"});
  CHECK(with.wrote(0) == Lines{kWritten0, "run one"});
  CHECK(with.ran() == Lines{"log info command_done command=one took=12ms"});
  with.key("k", "v");
  CHECK(with.idle() == Lines{"write out1: v"});
  CHECK(with.wrote(1, FilePlan::unchanged) == Lines{"log debug file_unchanged destination=out1 template=t1", "exit 0"});
  CHECK(with.idle().empty());
  CHECK_FALSE(with.machine.next_wake());
}

TEST_CASE("-once does not evaluate a rendered template again") {
  MachineSettings settings = Dialogue::settings(2);
  settings.once = true;
  Dialogue with(settings);
  with.begin({"{{key \"k\"}}", "{{key \"l\"}}"});
  with.key("k", "1");
  CHECK(with.idle() == Lines{"write out0: 1"});
  with.wrote(0);
  with.key("k", "2");
  CHECK(with.idle().empty());
}

TEST_CASE("-once ends with 14 after everything else when something failed") {
  SUBCASE("a command") {
    MachineSettings settings = commanded({"bad", "good"});
    settings.once = true;
    Dialogue with(settings);
    with.begin({"a", "b"});
    with.wrote(0);
    with.wrote(1);
    CHECK(with.ran(false) == Lines{"log error command_failed command=bad error=exit code 1", "run good"});
    CHECK(with.ran() == Lines{"log info command_done command=good took=12ms", "exit 14"});
  }
  SUBCASE("a write") {
    MachineSettings settings = Dialogue::settings(2);
    settings.once = true;
    Dialogue with(settings);
    with.begin({"a", "b"});
    with.unwritten(0, "full");
    CHECK(with.wrote(1) == Lines{kWritten1, "exit 14"});
  }
  SUBCASE("a template") {
    MachineSettings settings = Dialogue::settings(2);
    settings.once = true;
    Dialogue with(settings);
    with.start();
    with.load(0, "{{range}}");
    CHECK(with.load(1, "b").empty());
    CHECK(with.idle() == Lines{"write out1: b"});
    CHECK(with.wrote(1) == Lines{kWritten1, "exit 14"});
  }
}

TEST_CASE("-dry prints and runs nothing") {
  MachineSettings settings = commanded({"one"});
  settings.dry = true;
  settings.once = true;
  settings.reload_pid_file = "p";
  Dialogue with(settings);
  CHECK(with.begin({"a"}) == Lines{"print out0: a"});
  CHECK(with.wrote(0) == Lines{"log info file_printed destination=out0 template=t0", "exit 0"});
}

TEST_CASE("old workers of nginx that were ended early are said and counted") {
  Dialogue with(commanded({"one"}));
  with.begin({"a"});
  CHECK(with.tell(input::WorkersRetired{77, 2, milliseconds(4)}) ==
        Lines{"log info nginx_workers_retired master=77 workers=2 after=4ms"});
  CHECK(with.machine.counters().workers_retired == 2);
}

TEST_CASE("-parse-only parses and does nothing else") {
  MachineSettings settings = Dialogue::settings(2);
  settings.parse_only = true;
  Dialogue good(settings);
  good.start();
  CHECK(good.load(0, "{{key \"a\"}}").empty());
  CHECK(good.load(1, "b") == Lines{"exit 0"});
  Dialogue bad(settings);
  bad.start();
  bad.load(0, "{{key}");
  CHECK(bad.load(1, "b") == Lines{"exit 14"});
}

TEST_CASE("stop: what was written gets its command, then the end") {
  Dialogue with(commanded({"one"}));
  with.begin({"{{key \"k\"}}"});
  with.key("k", "v");
  with.idle();
  with.wrote(0);
  with.key("k", "w");
  CHECK(with.tell(input::Stop{}) == Lines{"log info stopping followups=1"});
  CHECK(with.idle().empty());
  CHECK(with.ran() == Lines{"log info command_done command=one took=12ms", "exit 0"});
  CHECK(with.tell(input::Stop{}).empty());
}

TEST_CASE("stop: at once when nothing is under way, at the deadline or the second time in any case") {
  Dialogue idle(commanded({"one"}));
  idle.begin({"{{key \"k\"}}"});
  CHECK(idle.tell(input::Stop{}) == Lines{"log info stopping followups=0", "exit 0"});
  for (const bool second : {true, false}) {
    Dialogue busy(commanded({"one"}));
    busy.begin({"a"});
    busy.wrote(0);
    CHECK(busy.tell(input::Stop{}) == Lines{"log info stopping followups=1"});
    CHECK(busy.wait(seconds(7)).empty());
    CHECK((second ? busy.tell(input::Stop{}) : busy.wait(seconds(1))) == Lines{"exit 0"});
  }
}
