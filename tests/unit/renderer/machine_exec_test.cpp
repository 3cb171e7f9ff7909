// The machine with a supervised program, limits on retries and look-ups, other settings at run time.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/renderer/dialogue.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::seconds;

namespace {

bool has(const Lines& lines, std::string_view start) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.starts_with(start); });
}

MachineSettings with_child(std::size_t templates = 1) {
  MachineSettings settings = Dialogue::settings(templates);
  settings.child = ChildSettings{.command = "program"};
  return settings;
}

}  // namespace

TEST_CASE("the program starts when all is rendered and its commands are done") {
  MachineSettings settings = with_child(2);
  settings.templates[0].command = "first";
  Dialogue with(settings);
  CHECK_FALSE(has(with.begin({"a", "b"}), "child"));
  CHECK_FALSE(has(with.wrote(0), "child"));
  CHECK(has(with.wrote(1), "run first"));
  CHECK(has(with.ran(), "child program"));
}

TEST_CASE("a change restarts it; its end is ours") {
  Dialogue with(with_child());
  with.begin({"{{ key \"k\" }}"});
  with.key("k", "1");
  with.idle();
  CHECK(has(with.wrote(0), "child program"));
  with.tell(input::ChildStarted{});
  with.key("k", "2");
  with.idle();
  CHECK(has(with.wrote(0), "signal 2"));
  CHECK(has(with.tell(input::ChildExited{0, 2}), "child program"));
  with.tell(input::ChildStarted{});
  CHECK(has(with.tell(input::ChildExited{7, 0}), "exit 7"));
}

TEST_CASE("a stop waits for it; a program that cannot be started is a failure") {
  Dialogue with(with_child());
  with.begin({"a"});
  with.wrote(0);
  with.tell(input::ChildStarted{});
  const Lines stopping = with.tell(input::Stop{});
  CHECK(has(stopping, "signal 2"));
  CHECK_FALSE(has(stopping, "exit"));
  CHECK(has(with.tell(input::ChildExited{0, 2}), "exit 0"));
  Dialogue broken(with_child());
  broken.begin({"a"});
  broken.wrote(0);
  CHECK(has(broken.tell(input::ChildStarted{fail(Errc::not_found, "no such file")}), "exit 14"));
}

TEST_CASE("-once with a command that failed starts no program") {
  MachineSettings settings = with_child();
  settings.templates[0].command = "first";
  settings.once = true;
  Dialogue with(settings);
  with.begin({"a"});
  with.wrote(0);
  const Lines lines = with.ran(false);
  CHECK_FALSE(has(lines, "child"));
  CHECK(has(lines, "exit 14"));
  // Without -once the command is tried again, and the program starts meanwhile.
  settings.once = false;
  Dialogue on(settings);
  on.begin({"a"});
  on.wrote(0);
  CHECK(has(on.ran(false), "child program"));
}

TEST_CASE("retries that somebody counted run out") {
  MachineSettings settings = Dialogue::settings();
  settings.retry_attempts = 1;
  Dialogue with(settings);
  with.begin({"{{ key \"k\" }}"});
  CHECK_FALSE(has(with.fail_watch(key_named("k"), Errc::unreachable, "refused"), "exit"));
  with.key("k", "1");
  CHECK_FALSE(has(with.fail_watch(key_named("k"), Errc::unreachable, "refused"), "exit"));
  CHECK(has(with.fail_watch(key_named("k"), Errc::unreachable, "refused"), "exit 14"));
}

TEST_CASE("err_on_failed_lookup: an absent key ends us, one that was not answered yet does not") {
  MachineSettings settings = Dialogue::settings();
  settings.err_on_failed_lookup = true;
  Dialogue with(settings);
  CHECK_FALSE(has(with.begin({"{{ key \"k\" }}"}), "exit"));
  with.key("k", std::nullopt);
  CHECK(has(with.idle(), "exit 14"));
}

TEST_CASE("-once gives up, and names what is missing") {
  MachineSettings settings = Dialogue::settings();
  settings.once = true;
  settings.once_timeout = seconds(3);
  Dialogue with(settings);
  with.begin({"{{ key \"k\" }}"});
  const Lines lines = with.wait(seconds(3));
  CHECK(has(lines, "log error once_timed_out"));
  CHECK(has(lines, "log warn template_waiting"));
  CHECK(has(lines, "exit 14"));
}

TEST_CASE("a reload keeps what is known of templates that stay and drops the others") {
  MachineSettings settings = Dialogue::settings(2);
  Dialogue with(settings);
  with.begin({"{{ key \"k\" }}", "{{ key \"gone\" }}"});
  with.key("k", "1");
  with.idle();
  with.wrote(0);
  settings.templates.erase(settings.templates.begin() + 1);
  settings.templates.push_back({.contents = "{{ key \"k\" }}!", .destination = "fresh"});
  const Lines lines = with.tell(input::Reload{std::make_shared<const MachineSettings>(settings)});
  CHECK(has(lines, "log info template_removed template=t1"));
  CHECK(has(lines, "unwatch " + to_string(key_named("gone"))));
  // No question is asked again: the data is there.
  const Lines rendered = with.idle();
  CHECK(has(rendered, "write fresh: 1!"));
  CHECK_FALSE(has(rendered, "watch"));
}

TEST_CASE("an error that is declared fatal ends us, others do not") {
  MachineSettings settings = Dialogue::settings();
  Dialogue mild(settings);
  mild.start();
  CHECK_FALSE(has(mild.load(0, "{{ if }}"), "exit"));
  settings.templates[0].error_fatal = true;
  Dialogue strict(settings);
  strict.start();
  CHECK(has(strict.load(0, "{{ if }}"), "exit 14"));
}
