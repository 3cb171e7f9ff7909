#include "renderer/io/private_view.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "common/base/text.h"
#include "renderer/io/file_change.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

// Everything that the child needs, made before the fork: after it only plain system calls are made.
struct Prepared {
  std::string file;
  std::vector<std::string> words, variables;
  std::vector<char*> arguments, environment;
  std::string uid_map, gid_map;
};

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

Result<std::string> find_program(const std::string& word, const SpawnRequest& request) {
  if (word.find('/') != std::string::npos) return word;
  const auto path = request.environment.find("PATH");
  const std::string places =
      path == request.environment.end() ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" : path->second;
  for (const std::string& place : base::split(places, ':')) {
    const std::string file = (place.empty() ? "." : place) + "/" + word;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return fail(base::system_error("start " + word, ENOENT));
}

[[noreturn]] void give_up(const char* what, const char* path) {
  const int reason = errno;
  const char* parts[] = {
      "longshore: cannot make a private view of the files: ", what, " ", path, ": ", ::strerrordesc_np(reason), "\n"};
  for (const char* part : parts)
    if (part != nullptr) (void)!::write(STDERR_FILENO, part, std::strlen(part));
  ::_exit(kNoView);
}

void put(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  (void)!::write(fd, text.data(), text.size());
  ::close(fd);
}

[[noreturn]] void become(Prepared& prepared, const std::vector<Mount>& mounts, int output) {
  ::setpgid(0, 0);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (::unshare(CLONE_NEWNS) != 0) {
    if (errno != EPERM || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) give_up("unshare", "");
    put("/proc/self/setgroups", "deny");
    put("/proc/self/uid_map", prepared.uid_map);
    put("/proc/self/gid_map", prepared.gid_map);
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("make private", "/");
  for (const Mount& mount : mounts)
    if (::mount(mount.from.c_str(), mount.to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
      give_up("mount over", mount.to.c_str());
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  ::execve(prepared.file.c_str(), prepared.arguments.data(), prepared.environment.data());
  give_up("start", prepared.file.c_str());
}

}  // namespace

Result<Spawned> spawn_in_view(const SpawnRequest& request, const std::vector<Mount>& mounts) {
  Prepared prepared;
  prepared.words = request.command.words;
  if (prepared.words.empty()) return fail(Errc::invalid_input, "no command");
  if (request.command.through_shell()) prepared.words = {"/bin/sh", "-c", prepared.words.front()};
  LS_TRY(file, find_program(prepared.words.front(), request));
  prepared.file = file;
  for (const auto& [name, value] : request.environment) prepared.variables.push_back(name + "=" + value);
  prepared.arguments = pointers(prepared.words);
  prepared.environment = pointers(prepared.variables);
  prepared.uid_map = "0 " + std::to_string(::geteuid()) + " 1";
  prepared.gid_map = "0 " + std::to_string(::getegid()) + " 1";

  Spawned out;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(base::system_error("pipe", errno));
  out.output.reset(ends[0]);
  const Descriptor writer(ends[1]);
  out.pid = ::fork();
  if (out.pid < 0) return fail(base::system_error("fork", errno));
  if (out.pid == 0) become(prepared, mounts, writer.get());
  ::setpgid(out.pid, out.pid);  // whoever is first
  out.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, out.pid, 0)));
  if (!out.pidfd.valid()) {
    const int reason = errno;
    ::kill(out.pid, SIGKILL);
    ::waitpid(out.pid, nullptr, 0);
    return fail(base::system_error("pidfd_open", reason));
  }
  return out;
}

Result<std::vector<Mount>> copy_for_view(const std::string& directory, const std::string& place,
                                         const std::vector<AddedFile>& extra) {
  std::vector<Mount> mounts;
  LS_TRY_STATUS(make_directories(place));
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::string copy = place + "/" + name;
    // What begins with a dot is ours or nobody's.
    if (name.starts_with('.')) continue;
    std::error_code one;
    if (at->is_symlink(one)) {
      fs::copy_symlink(at->path(), copy, one);
    } else if (at->is_directory(one)) {
      fs::create_directory(copy, one);
      mounts.push_back({at->path().string(), copy});
    } else if (at->is_regular_file(one)) {
      LS_TRY_STATUS(link_or_copy(at->path().string(), copy));
    }
  }
  if (error) return fail(base::system_error("read " + directory, error.value()));
  for (const AddedFile& file : extra) LS_TRY_STATUS(link_or_copy(file.file, place + "/" + file.name));
  // Last, with what fills its directories: it hides them.
  mounts.push_back({place, directory});
  return mounts;
}

}  // namespace longshore::render
