#include "common/async/signals.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "common/async/deadline.h"
#include "tests/support/run_coroutine.h"

namespace longshore {
namespace {
using async::Awaitable;

// How a child ends that has such a set and then does `what`.
template <class What>
int signal_that_ended(const std::vector<int>& numbers, What what) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::signal(SIGILL, SIG_DFL);  // sanitizers have handlers of their own
    ::signal(SIGTRAP, SIG_DFL);
    ::signal(SIGABRT, SIG_DFL);
    boost::asio::io_context context;
    const async::Signals signals(context.get_executor(), numbers);
    what();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_CASE("what somebody sends is told in order, faults and broken pipes included") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  const std::vector<int> numbers = {SIGUSR1, SIGSEGV, SIGABRT, SIGBUS, SIGPIPE, SIGXFSZ, SIGKILL, SIGSTOP, 0, 1000};
  async::Signals signals(context.get_executor(), numbers);
  const pid_t self = ::getpid();
  std::vector<int> told;
  const auto body = [&]() -> Awaitable<void> {
    for (const int number : {SIGUSR1, SIGSEGV, SIGBUS, SIGXFSZ, SIGUSR1}) {
      ::kill(self, number);
      told.push_back(co_await signals.next());
    }
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(told == std::vector<int>{SIGUSR1, SIGSEGV, SIGBUS, SIGXFSZ, SIGUSR1});
}

TEST_CASE("those that come together are told by their numbers, none inside another") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  const std::vector<int> numbers = {SIGHUP, SIGUSR1, SIGTERM};
  async::Signals signals(context.get_executor(), numbers);
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  for (const int number : {SIGTERM, SIGHUP, SIGUSR1}) ::kill(::getpid(), number);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  std::vector<int> told;
  const auto body = [&]() -> Awaitable<void> {
    while (told.size() < 3) told.push_back(co_await signals.next());
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(told == std::vector<int>{SIGHUP, SIGUSR1, SIGTERM});
}

TEST_CASE("abort and broken pipes of another process are told, our own are not") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  const std::vector<int> numbers = {SIGABRT, SIGPIPE, SIGUSR2};
  async::Signals signals(context.get_executor(), numbers);
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  ::close(pipe_ends[0]);
  CHECK(::write(pipe_ends[1], "x", 1) == -1);  // SIGPIPE to ourselves
  CHECK(errno == EPIPE);
  ::close(pipe_ends[1]);
  std::vector<int> told;
  const auto body = [&]() -> Awaitable<void> {
    for (const int number : {SIGABRT, SIGPIPE, SIGUSR2}) {
      const pid_t self = ::getpid();
      const pid_t other = ::fork();
      if (other == 0) {
        ::kill(self, number);
        ::_exit(0);
      }
      ::waitpid(other, nullptr, 0);
      told.push_back(co_await signals.next());
    }
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  CHECK(told == std::vector<int>{SIGABRT, SIGPIPE, SIGUSR2});
}

TEST_CASE("a fault of our own and abort() still end the process") {
  const int by_fault = signal_that_ended({SIGILL, SIGTRAP}, [] { __builtin_trap(); });
  CHECK((by_fault == SIGILL || by_fault == SIGTRAP));
  CHECK(signal_that_ended({SIGABRT}, [] { std::abort(); }) == SIGABRT);
}

TEST_CASE("afterwards signals do what they did before") {
  {
    boost::asio::io_context context;
    const async::Signals signals(context.get_executor(), {SIGUSR1});
  }
  struct sigaction now {};
  ::sigaction(SIGUSR1, nullptr, &now);
  const bool by_default = now.sa_handler == SIG_DFL;
  CHECK(by_default);
}

}  // namespace
}  // namespace longshore
