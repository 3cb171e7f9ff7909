#include "renderer/io/child.h"

#include <sys/wait.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>

#include "renderer/io/as_tuple.h"
#include "renderer/io/spawn.h"

namespace longshore::render {
namespace asio = boost::asio;

void Child::start(const Command& command, const Environment& environment) {
  // As consul-template: only a shell gets a group of its own; a program stays in ours, where it may use the terminal.
  group_ = command.through_shell();
  SpawnRequest request{command, environment};
  request.inherit = true;
  request.own_group = group_;
  auto spawned = spawn(request);
  if (!spawned) {
    post_(input::ChildStarted{fail(spawned.error())});
    return;
  }
  pid_ = spawned->pid;
  post_(input::ChildStarted{});
  tasks_.spawn("child", wait(spawned->pidfd.release()));
}

void Child::signal(int number) {
  if (pid_ > 0) ::kill(group_ ? -pid_ : pid_, number);
}

async::Awaitable<void> Child::wait(int pidfd) {
  asio::posix::stream_descriptor ended(tasks_.executor(), pidfd);
  auto [error] = co_await ended.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
  if (error) co_return;
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  pid_ = -1;
  input::ChildExited exited;
  if (info.si_code == CLD_EXITED)
    exited.code = info.si_status;
  else
    exited.signal = info.si_status;
  post_(exited);
}

}  // namespace longshore::render
