#include "renderer/io/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <vector>

namespace longshore::render {
namespace {

class Actions {
 public:
  Actions() { ::posix_spawn_file_actions_init(&actions_); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// No blocked signals, default reactions, if wanted a group of its own.
class Attributes {
 public:
  explicit Attributes(bool own_group) {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::sigdelset(&all, SIGKILL);
    ::sigdelset(&all, SIGSTOP);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (own_group) flags |= POSIX_SPAWN_SETPGROUP;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Result<Spawned> spawn(const SpawnRequest& request) {
  std::vector<std::string> words = request.command.words;
  if (words.empty()) return fail(Errc::invalid_input, "no command");
  if (request.command.through_shell()) words = {"sh", "-c", words.front()};
  std::vector<std::string> variables;
  for (const auto& [name, value] : request.environment) variables.push_back(name + "=" + value);
  std::vector<char*> arguments = pointers(words);
  std::vector<char*> variable_pointers = pointers(variables);

  Spawned out;
  Actions actions;
  Attributes attributes(request.own_group);
  Descriptor writer, error_writer;
  if (!request.inherit) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(base::system_error("pipe", errno));
    out.output.reset(ends[0]);
    writer.reset(ends[1]);
    ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(actions.get(), writer.get(), STDOUT_FILENO);
    if (request.errors_apart) {
      if (::pipe2(ends, O_CLOEXEC) != 0) return fail(base::system_error("pipe", errno));
      out.errors.reset(ends[0]);
      error_writer.reset(ends[1]);
    }
    ::posix_spawn_file_actions_adddup2(actions.get(), request.errors_apart ? error_writer.get() : writer.get(),
                                       STDERR_FILENO);
  }
  // Sockets and pipes of ours stay ours, whatever library opened them.
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), 3);
  const auto start = [&](const char* file) {
    return ::posix_spawnp(&out.pid, file, actions.get(), attributes.get(), arguments.data(), variable_pointers.data());
  };
  int error = start(arguments[0]);
  // A PATH of ours without a shell is no reason to have none.
  if (error == ENOENT && request.command.through_shell()) error = start("/bin/sh");
  if (error != 0) return fail(base::system_error("start " + words[0], error));
  out.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, out.pid, 0)));
  if (!out.pidfd.valid()) {
    const int reason = errno;
    ::kill(request.own_group ? -out.pid : out.pid, SIGKILL);
    ::waitpid(out.pid, nullptr, 0);
    return fail(base::system_error("pidfd_open", reason));
  }
  return out;
}

}  // namespace longshore::render
