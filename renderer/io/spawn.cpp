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

// A group of its own, no blocked signals, default reactions.
class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::sigdelset(&all, SIGKILL);
    ::sigdelset(&all, SIGSTOP);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
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

Result<Spawned> spawn(const std::string& command, const std::map<std::string, std::string, std::less<>>& environment,
                      bool inherit_output) {
  std::vector<std::string> words{command};
  if (command.find_first_of(" \t\r\n\v\f") != std::string::npos) words = {"sh", "-c", command};
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> arguments = pointers(words);
  std::vector<char*> variable_pointers = pointers(variables);

  Spawned out;
  Actions actions;
  Attributes attributes;
  Descriptor writer;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!inherit_output) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(base::system_error("pipe", errno));
    out.output.reset(ends[0]);
    writer.reset(ends[1]);
    ::posix_spawn_file_actions_adddup2(actions.get(), writer.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(actions.get(), writer.get(), STDERR_FILENO);
  }
  // Sockets and pipes of ours stay ours, whatever library opened them.
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), 3);
  const int error = ::posix_spawnp(&out.pid, arguments[0], actions.get(), attributes.get(), arguments.data(),
                                   variable_pointers.data());
  if (error != 0) return fail(base::system_error("start " + words[0], error));
  out.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, out.pid, 0)));
  if (!out.pidfd.valid()) {
    const int reason = errno;
    ::kill(-out.pid, SIGKILL);
    ::waitpid(out.pid, nullptr, 0);
    return fail(base::system_error("pidfd_open", reason));
  }
  return out;
}

}  // namespace longshore::render
