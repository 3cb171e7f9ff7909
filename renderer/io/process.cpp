#include "renderer/io/process.h"

#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <memory>

#include "common/async/deadline.h"
#include "renderer/io/as_tuple.h"
#include "renderer/io/private_view.h"
#include "renderer/io/spawn.h"

namespace longshore::render {
namespace {

namespace asio = boost::asio;

// What a command says. Read until the last writer closes, also after the command has ended: a program that it left
// in the background must not die of a closed pipe.
struct Output {
  explicit Output(asio::posix::stream_descriptor source) : pipe(std::move(source)) {}

  void add(std::string_view bytes) {
    if (closed) return;
    kept += bytes;
    if (kept.size() > 2 * kOutputKept) kept.erase(0, kept.size() - kOutputKept);
  }

  asio::posix::stream_descriptor pipe;
  std::string kept;
  bool closed = false;
};

// Takes what is in the pipe now, in at most `rounds` reads. False at its end.
bool drain(Output& output, int rounds) {
  char bytes[4096];
  boost::system::error_code error;
  for (int i = 0; i < rounds && !error; ++i) {
    const std::size_t size = output.pipe.read_some(asio::buffer(bytes), error);
    output.add({bytes, size});
  }
  return !error || error == asio::error::would_block;
}

// Waits and then reads in the same turn: an asynchronous read could have bytes under way when the command ends.
async::Awaitable<void> read_output(std::shared_ptr<Output> output) {
  for (;;) {
    auto [error] = co_await output->pipe.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
    if (error || !drain(*output, 16)) co_return;
  }
}

// The command has ended: what it said, and no more.
std::string finish(const std::shared_ptr<Output>& output) {
  if (!output) return {};
  drain(*output, 64);
  output->closed = true;
  std::string text = std::move(output->kept);
  if (text.size() > kOutputKept) text.erase(0, text.size() - kOutputKept);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// Ends the whole group unless the command was waited for.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    kill_group();
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill_group() const { ::kill(-pid_, SIGKILL); }
  Status reap() {
    siginfo_t info{};
    const int result = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
    pid_ = -1;
    if (result != 0) return fail(base::system_error("wait", errno));
    if (info.si_code == CLD_EXITED && info.si_status == 0) return {};
    if (info.si_code == CLD_EXITED) return fail(Errc::check_failed, "exit code " + std::to_string(info.si_status));
    return fail(Errc::check_failed, "killed by signal " + std::to_string(info.si_status));
  }

 private:
  pid_t pid_;
};

// Of a command that nobody waits for: it only must not stay a zombie. It outlives us if it likes.
async::Awaitable<void> reap_later(asio::posix::stream_descriptor ended, pid_t pid) {
  auto [error] = co_await ended.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
  if (!error) ::waitpid(pid, nullptr, WNOHANG);
}

}  // namespace

async::Awaitable<CommandResult> RealProcesses::run(CommandRequest request) {
  CommandResult result;
  const auto& environment = request.environment ? *request.environment : settings_.environment;
  const SpawnRequest wanted{request.command, environment, settings_.inherit_output};
  auto spawned = request.view.empty() ? spawn(wanted) : spawn_in_view(wanted, request.view);
  if (!spawned) {
    result.status = fail(spawned.error());
    co_return result;
  }
  if (request.timeout.count() == 0) {
    asio::posix::stream_descriptor ended(tasks_.executor(), spawned->pidfd.release());
    if (spawned->output.valid()) {
      asio::posix::stream_descriptor pipe(tasks_.executor(), spawned->output.release());
      pipe.non_blocking(true);
      tasks_.spawn("command output", read_output(std::make_shared<Output>(std::move(pipe))));
    }
    tasks_.spawn("command", reap_later(std::move(ended), spawned->pid));
    co_return result;
  }
  Child child(spawned->pid);
  const async::Executor executor = tasks_.executor();
  std::shared_ptr<Output> output;
  if (spawned->output.valid()) {
    asio::posix::stream_descriptor pipe(executor, spawned->output.release());
    pipe.non_blocking(true);
    output = std::make_shared<Output>(std::move(pipe));
    tasks_.spawn("command output", read_output(output));
  }
  asio::posix::stream_descriptor ended(executor, spawned->pidfd.release());
  // The expiry kills; the descriptor then says that the child has ended.
  bool expired = false;
  async::Deadline deadline(executor, request.timeout, [&] {
    expired = true;
    child.kill_group();
  });
  auto [error] = co_await ended.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
  // Cancelled: the next await of this task would not come back.
  if (error) child.kill_group();
  result.status = child.reap();
  result.output = finish(output);
  if (expired) result.status = fail(Errc::timeout, "killed after " + base::format_duration(request.timeout));
  if (error) result.status = fail(Errc::cancelled, "cancelled");
  co_return result;
}

}  // namespace longshore::render
