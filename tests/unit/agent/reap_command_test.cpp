// -reap-check as it runs: what it is told, its exit code, and its end when it takes too long.
#include "agent/reap_command.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "common/async/task_group.h"
#include "tests/support/run_coroutine.h"

namespace longshore::agent {
namespace {

using namespace std::chrono_literals;

async::Awaitable<void> codes() {
  struct Row {
    const char* line;
    int code;
  };
  for (const Row& row : {Row{"exit 0", 0}, Row{"exit 1", 1}, Row{"test \"$LONGSHORE_NODE\" = n1 && exit 7", 7},
                         Row{"read line", 1}, Row{"kill -TERM $$", 128 + SIGTERM}, Row{"/no/such/program", 127}}) {
    CAPTURE(row.line);
    std::vector<std::string> variables(1, "LONGSHORE_NODE=n1");
    const Result<int> code = co_await run_reap_command(row.line, std::move(variables), 1min);
    REQUIRE(code);
    CHECK(*code == row.code);
  }
}

// The command and its child are one group: neither outlives the limit.
async::Awaitable<void> too_long(std::string pid_file) {
  std::vector<std::string> variables(1, "PID_FILE=" + pid_file);
  const std::string line = "sleep 1000 & echo $! > \"$PID_FILE.new\"; mv \"$PID_FILE.new\" \"$PID_FILE\"; wait";
  const Result<int> code = co_await run_reap_command(line, std::move(variables), 5s);
  REQUIRE_FALSE(code);
  CHECK(code.error().code == Errc::timeout);
  CHECK(code.error().text == "no answer within 5s, killed");
}

bool runs(long pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t bracket = line.rfind(')');
  return bracket != std::string::npos && line.substr(bracket + 2, 1) != "Z";
}

}  // namespace

TEST_CASE("-reap-check: variables, empty stdin, exit codes, signals") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  CHECK(longshore::test::run_coroutine(context, tasks, codes()));
}

TEST_CASE("-reap-check that does not answer is killed with what it started") {
  const std::string pid_file = "/tmp/longshore-reap-check-" + std::to_string(::getpid());
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  CHECK(longshore::test::run_coroutine(context, tasks, too_long(pid_file)));
  long pid = 0;
  std::ifstream(pid_file) >> pid;
  std::remove(pid_file.c_str());
  REQUIRE(pid > 0);
  for (int i = 0; i < 1000 && runs(pid); ++i) ::usleep(10'000);
  CHECK_FALSE(runs(pid));
}

}  // namespace longshore::agent
