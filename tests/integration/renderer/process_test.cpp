#include "renderer/io/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "renderer/io/pid_file.h"
#include "renderer/io/spawn.h"
#include "tests/integration/renderer/stage.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::map<std::string, std::string, std::less<>> kEnvironment = {{"PATH", "/usr/bin:/bin"}, {"GREETING", "hello"}};

// Runs one command to its end on a loop of its own.
struct Runner {
  boost::asio::io_context loop;
  async::TaskGroup tasks{loop.get_executor()};
  RealProcesses processes{tasks, {.environment = kEnvironment}};
  std::optional<CommandResult> result;

  async::Awaitable<void> go(CommandRequest request) { result = co_await processes.run(std::move(request)); }
  CommandResult run(std::string command, base::Duration timeout = seconds(10)) {
    result.reset();
    tasks.spawn("test", go({std::move(command), timeout}));
    until([&] { return result.has_value(); });
    REQUIRE(result);
    return std::move(*result);
  }
  void until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (!done() && std::chrono::steady_clock::now() < end) {
      loop.restart();
      loop.run_one_for(milliseconds(10));
    }
  }
  ~Runner() {
    tasks.cancel_all();
    until([&] { return tasks.size() == 0; });
  }
};

bool alive(pid_t pid) {
  return ::kill(pid, 0) == 0 && slurp("/proc/" + std::to_string(pid) + "/stat").find(" Z ") == std::string::npos;
}

// A killed process of somebody else takes a moment to be gone.
bool ends(pid_t pid) {
  for (int i = 0; i < 5000 && alive(pid); ++i) ::usleep(1000);
  return !alive(pid);
}

}  // namespace

TEST_CASE("one word is run directly, white space goes to the shell, output is kept") {
  Runner runner;
  CHECK(runner.run("true").status);
  const CommandResult said = runner.run("echo $GREETING; echo world >&2");
  CHECK(said.status);
  CHECK(said.output == "hello\nworld");
  // A single word is no shell text.
  const CommandResult odd = runner.run("echo;true");
  REQUIRE_FALSE(odd.status);
  CHECK(odd.status.error().text.find("start echo;true") != std::string::npos);
}

TEST_CASE("exit codes, signals and missing programs are told apart") {
  Runner runner;
  CHECK(runner.run("exit 3 ;").status.error().text == "exit code 3");
  CHECK(runner.run("kill -9 $$").status.error().text == "killed by signal 9");
  CHECK(runner.run("/nonexistent/program").status.error().code == Errc::not_found);
  CHECK(runner.run("nonexistent-program -x").status.error().text == "exit code 127");
}

TEST_CASE("much output does not block the command, its end is kept") {
  Runner runner;
  const CommandResult much = runner.run("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
  CHECK(much.status);
  CHECK(much.output.size() <= kOutputKept);
  CHECK(much.output.ends_with("line 19999"));
}

TEST_CASE("too long: the whole group is killed") {
  Runner runner;
  const TempDir dir;
  const std::string pids = dir / "pids";
  const CommandResult late = runner.run("sleep 60 & echo $! > " + pids + "; wait", milliseconds(300));
  REQUIRE_FALSE(late.status);
  CHECK(late.status.error().code == Errc::timeout);
  CHECK(late.status.error().text == "killed after 300ms");
  const auto child = static_cast<pid_t>(std::stoi(slurp(pids)));
  CHECK(ends(child));
}

TEST_CASE("a cancelled command is killed with its group") {
  const TempDir dir;
  const std::string pids = dir / "pids";
  {
    Runner runner;
    runner.tasks.spawn("test", runner.go({"sleep 60 & echo $! > " + pids + "; wait", seconds(60)}));
    runner.until([&] { return slurp(pids).ends_with("\n"); });
  }
  const auto child = static_cast<pid_t>(std::stoi(slurp(pids)));
  CHECK(ends(child));
}

TEST_CASE("a program left in the background neither delays the command nor dies of it") {
  Runner runner;
  const TempDir dir;
  const std::string pids = dir / "pids";
  const auto began = std::chrono::steady_clock::now();
  const CommandResult quick = runner.run("(while :; do echo still here; sleep 0.05; done) & echo $! > " + pids);
  CHECK(quick.status);
  CHECK(std::chrono::steady_clock::now() - began < seconds(5));
  const auto child = static_cast<pid_t>(std::stoi(slurp(pids)));
  runner.loop.run_for(milliseconds(300));
  CHECK(alive(child));
  ::kill(child, SIGKILL);
}

TEST_CASE("commands inherit nothing but their environment") {
  Runner runner;
  const Descriptor secret(::open("/etc/hostname", O_RDONLY));
  const CommandResult list = runner.run("ls /proc/self/fd | wc -l");
  // 0, 1, 2 and the directory that ls reads.
  CHECK(list.output == "4");
  CHECK(runner.run("test -z \"$HOME\"").status);
  CHECK(runner.run("read x; test $? -ne 0").status);
}

namespace {

// A program that notes each HUP, with its pid file.
struct Sleeper {
  explicit Sleeper(const TempDir& dir) : journal(dir / "journal"), pid_file(dir / "pid") {
    const Command command("trap 'echo hup >> " + journal + "' HUP; echo ready >> " + journal +
                          "; while :; do sleep 0.02; done");
    auto spawned = spawn(SpawnRequest{command, kEnvironment, true});
    pid = spawned->pid;
    while (slurp(journal).empty()) ::usleep(1000);
    spill(pid_file, std::to_string(pid) + "\n");
  }
  ~Sleeper() { end(); }
  void end() {
    if (pid <= 0) return;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    pid = -1;
  }
  std::string journal;
  std::string pid_file;
  pid_t pid = -1;
};

}  // namespace

TEST_CASE("HUP reaches the process of the pid file") {
  const TempDir dir;
  const Sleeper sleeper(dir);
  // /bin/sh is dash here and elsewhere something else; its comm is sh everywhere.
  CHECK(signal_pid_file({sleeper.pid_file, "sh"}, SIGHUP));
  for (int i = 0; i < 500 && slurp(sleeper.journal) != "ready\nhup\n"; ++i) ::usleep(10000);
  CHECK(slurp(sleeper.journal) == "ready\nhup\n");
  CHECK(signal_pid_file({sleeper.pid_file, ""}, 0));
}

TEST_CASE("no signal to anybody else") {
  const TempDir dir;
  Sleeper sleeper(dir);
  const auto other = signal_pid_file({sleeper.pid_file, "nginx"}, SIGKILL);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::rejected);
  CHECK(other.error().text.find("not nginx") != std::string::npos);
  CHECK(alive(sleeper.pid));
  // Written long before the process was started: the number has been used again.
  const timespec old[2] = {{1000, 0}, {1000, 0}};
  ::utimensat(AT_FDCWD, sleeper.pid_file.c_str(), old, 0);
  const auto reused = signal_pid_file({sleeper.pid_file, "sh"}, SIGKILL);
  REQUIRE_FALSE(reused);
  CHECK(reused.error().code == Errc::rejected);
  CHECK(reused.error().text.find("used again") != std::string::npos);
  CHECK(alive(sleeper.pid));
  sleeper.end();
  CHECK(signal_pid_file({sleeper.pid_file, "sh"}, SIGHUP).error().code == Errc::not_found);
  CHECK(signal_pid_file({dir / "none", "sh"}, SIGHUP).error().code == Errc::not_found);
  for (const char* text : {"", "0", "1", "-5", "12x", "99999999999"}) {
    CAPTURE(text);
    spill(dir / "bad", text);
    CHECK(signal_pid_file({dir / "bad", ""}, SIGKILL).error().code == Errc::invalid_input);
  }
}
