#include "renderer/io/plugin.h"

#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <memory>

#include "common/async/deadline.h"
#include "common/base/text.h"
#include "renderer/io/as_tuple.h"
#include "renderer/io/spawn.h"

namespace longshore::render {
namespace {

namespace asio = boost::asio;

struct PluginOutput {
  explicit PluginOutput(asio::posix::stream_descriptor source) : pipe(std::move(source)) {}
  asio::posix::stream_descriptor pipe;
  std::string text;
  bool overflow = false;
};

// What is in the pipe now; false at its end.
bool drain(PluginOutput& output) {
  char bytes[16384];
  boost::system::error_code error;
  while (!error) {
    const std::size_t size = output.pipe.read_some(asio::buffer(bytes), error);
    if (output.text.size() + size > kPluginOutputMost)
      output.overflow = true;
    else
      output.text.append(bytes, size);
  }
  return error == asio::error::would_block;
}

async::Awaitable<void> collect(std::shared_ptr<PluginOutput> output) {
  for (;;) {
    auto [error] = co_await output->pipe.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
    if (error || !drain(*output)) co_return;
  }
}

std::shared_ptr<PluginOutput> listen(async::TaskGroup& tasks, Descriptor descriptor) {
  asio::posix::stream_descriptor pipe(tasks.executor(), descriptor.release());
  pipe.non_blocking(true);
  auto output = std::make_shared<PluginOutput>(std::move(pipe));
  tasks.spawn("plugin output", collect(output));
  return output;
}

// Ends the whole group, whatever happens.
class Group {
 public:
  explicit Group(pid_t pid) : pid_(pid) {}
  ~Group() {
    if (pid_ > 0) static_cast<void>(reap());
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  void kill() const { ::kill(-pid_, SIGKILL); }
  siginfo_t reap() {
    kill();
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
    pid_ = -1;
    return info;
  }
  // Its end is known already: what it left in the background goes on.
  siginfo_t result() {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
    pid_ = -1;
    return info;
  }

 private:
  pid_t pid_;
};

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

PluginAnswer problem(const std::string& name, const std::string& reason, std::string_view out, std::string_view err,
                     Error trouble) {
  PluginAnswer answer;
  answer.problem = "exec " + quoted(name) + ": " + reason + "\n\nstdout:\n\n" + std::string(out) + "\n\nstderr:\n\n" +
                   std::string(err);
  answer.trouble = std::move(trouble);
  return answer;
}

PluginAnswer problem(const std::string& name, Error trouble) {
  PluginAnswer answer;
  answer.problem = "exec " + quoted(name) + ": " + trouble.text;
  answer.trouble = std::move(trouble);
  return answer;
}

}  // namespace

async::Awaitable<std::optional<PluginAnswer>> run_plugin(async::TaskGroup& tasks, PluginRequest request) {
  const std::string name = request.words.front();
  const Command command(std::move(request.words));
  SpawnRequest wanted{command, request.environment};
  wanted.errors_apart = true;
  auto spawned = spawn(wanted);
  if (!spawned) co_return problem(name, spawned.error().text, "", "", spawned.error());
  Group group(spawned->pid);
  const std::shared_ptr<PluginOutput> out = listen(tasks, std::move(spawned->output));
  const std::shared_ptr<PluginOutput> err = listen(tasks, std::move(spawned->errors));
  asio::posix::stream_descriptor ended(tasks.executor(), spawned->pidfd.release());
  bool expired = false;
  async::Deadline deadline(tasks.executor(), request.limit, [&] {
    expired = true;
    group.kill();
  });
  auto [error] = co_await ended.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
  if (error) co_return std::nullopt;
  const siginfo_t info = expired ? group.reap() : group.result();
  drain(*out);
  drain(*err);
  PluginAnswer result;
  if (expired) {
    result = problem(name, {Errc::timeout, "did not finish in " + base::format_duration(request.limit)});
  } else if (info.si_code != CLD_EXITED) {
    const std::string number = std::to_string(info.si_status);
    result = problem(name, "signal: " + number, out->text, err->text, {Errc::io, "killed by signal " + number});
  } else if (info.si_status != 0) {
    const std::string number = std::to_string(info.si_status);
    result = problem(name, "exit status " + number, out->text, err->text, {Errc::rejected, "exit code " + number});
  } else if (out->overflow) {
    result = problem(name, {Errc::limit, "more than 8 MiB of output"});
  } else {
    result.text = base::trim(out->text);
  }
  co_return result;
}

}  // namespace longshore::render
