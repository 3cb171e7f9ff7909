#include "common/async/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <utility>

namespace longshore::async {
namespace asio = boost::asio;

namespace {

// What a handler may touch. A handler has no other way to know anything.
volatile sig_atomic_t told_fd = -1;
std::array<struct sigaction, NSIG> before{};

// Of the system, for an instruction of ours. What kill() sends has a code of 0 or less.
bool is_own_fault(int number, const siginfo_t& info) {
  const bool fault = number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL ||
                     number == SIGTRAP || number == SIGSYS;
  return fault && info.si_code > 0;
}

// abort() goes on to end the process by itself; a write to a broken pipe says so by its result.
bool is_own_doing(int number, const siginfo_t& info) {
  return (number == SIGABRT || number == SIGPIPE) && info.si_pid == ::getpid();
}

void handle(int number, siginfo_t* info, void*) {
  const int saved = errno;
  if (is_own_fault(number, *info)) {
    // The instruction runs again and meets what was there before us.
    ::sigaction(number, &before[static_cast<std::size_t>(number)], nullptr);
  } else if (!is_own_doing(number, *info)) {
    const auto byte = static_cast<unsigned char>(number);
    // A pipe that is full has thousands of signals to tell already.
    [[maybe_unused]] const ssize_t written = ::write(told_fd, &byte, 1);
  }
  errno = saved;
}

}  // namespace

struct Signals::State {
  explicit State(const Executor& executor) : source(executor) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
      throw boost::system::system_error(errno, boost::system::system_category(), "pipe");
    source.assign(ends[0]);
    sink = ends[1];
    told_fd = sink;
  }
  ~State() {
    for (const int number : taken) ::sigaction(number, &before[static_cast<std::size_t>(number)], nullptr);
    told_fd = -1;
    ::close(sink);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void take(int number) {
    struct sigaction action {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    // One after the other: otherwise a TERM that comes with a HUP would be told first.
    sigfillset(&action.sa_mask);
    struct sigaction old {};
    if (::sigaction(number, nullptr, &old) != 0) return;
    before[static_cast<std::size_t>(number)] = old;
    if (::sigaction(number, &action, nullptr) == 0) taken.push_back(number);
  }

  asio::posix::stream_descriptor source;
  int sink = -1;
  std::vector<int> taken;
};

Signals::Signals(const Executor& executor, const std::vector<int>& numbers)
    : state_(std::make_unique<State>(executor)) {
  for (const int number : numbers)
    if (number > 0 && number < NSIG) state_->take(number);
}

Signals::~Signals() = default;

Awaitable<int> Signals::next() {
  unsigned char number = 0;
  const asio::mutable_buffer room(&number, 1);
  co_await state_->source.async_read_some(room, asio::use_awaitable);
  co_return number;
}

void ignore_broken_pipes() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace longshore::async
