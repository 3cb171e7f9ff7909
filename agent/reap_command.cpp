#include "agent/reap_command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <utility>

#include "common/async/deadline.h"

namespace longshore::agent {
namespace {

namespace asio = boost::asio;

// A child of ours that is ended and waited for, whatever happens.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill_group();
    ::waitpid(pid_, nullptr, 0);
  }
  void kill_group() const { ::kill(-pid_, SIGKILL); }
  pid_t pid() const { return pid_; }
  // After its end: waits, and returns the exit code.
  int code() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

Result<Child> start(std::string line, std::vector<std::string> variables) {
  std::string shell = "/bin/sh";
  std::string option = "-c";
  char* arguments[] = {shell.data(), option.data(), line.data(), nullptr};
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  // The first one of a name counts for shells.
  for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::sigdelset(&all, SIGKILL);
  ::sigdelset(&all, SIGSTOP);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  constexpr int kFlags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
  ::posix_spawnattr_setflags(&attributes, static_cast<short>(kFlags));
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, shell.c_str(), &files, &attributes, arguments, environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(base::system_error("start /bin/sh", error));
  return Child(pid);
}

}  // namespace

async::Awaitable<Result<int>> run_reap_command(std::string line, std::vector<std::string> variables,
                                               base::Duration limit) {
  const async::Executor executor = co_await asio::this_coro::executor;
  Result<Child> child = start(std::move(line), std::move(variables));
  if (!child) co_return fail(std::move(child).error());
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child->pid(), 0));
  if (pidfd < 0) co_return fail(base::system_error("pidfd_open", errno));
  asio::posix::stream_descriptor ended(executor, pidfd);
  const Child& running = *child;
  async::Deadline deadline(executor, limit, [&running] { running.kill_group(); });
  boost::system::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, token);
  if (deadline.expired())
    co_return fail(Errc::timeout, "no answer within " + base::format_duration(limit) + ", killed");
  co_return child->code();
}

}  // namespace longshore::agent
