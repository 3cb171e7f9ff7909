#include "renderer/io/local_watcher.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "common/policy/backoff.h"
#include "renderer/core/nginx_build.h"
#include "renderer/io/certificate_folder.h"
#include "renderer/io/descriptor.h"
#include "renderer/io/interfaces.h"
#include "renderer/io/plugin.h"

namespace longshore::render {
namespace {

// What says that a file has changed. Inode: a file that was renamed over may have the old one's time and size.
struct Look {
  int error = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec changed{};

  bool operator==(const Look& other) const {
    return error == other.error && inode == other.inode && size == other.size &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

Look look_at(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {.error = errno};
  return {.inode = info.st_ino, .size = info.st_size, .changed = info.st_mtim};
}

// "open /x: no such file or directory": what Go makes of an error of the system; its words begin with a small letter.
std::string go_words(const char* call, const std::string& path, int error) {
  std::string words = std::generic_category().message(error);
  if (!words.empty() && words[0] >= 'A' && words[0] <= 'Z') words[0] = static_cast<char>(words[0] | 0x20);
  return call + (" " + path) + ": " + words;
}

// Where the path leads, links followed, has to be below the folder.
std::string outside_of(const std::string& path, const std::string& sandbox) {
  std::error_code error;
  const auto folder = std::filesystem::canonical(sandbox, error);
  if (error) return "failed to resolve sandbox path: " + go_words("lstat", sandbox, error.value());
  const auto target = std::filesystem::canonical(path, error);
  if (error) return "failed to resolve target path: " + go_words("lstat", path, error.value());
  const std::string relative = target.lexically_relative(folder).string();
  if (relative == ".." || relative.starts_with("../")) return "'" + path + "' is outside of sandbox";
  return {};
}

// A pipe may have no writer and a device no end: the renderer waits for neither. A pipe is not even opened: whoever
// waits for a reader would believe in us.
LocalData read_text(const std::string& path, const std::string& label) {
  constexpr std::size_t kMost = 64U << 20U;  // what a template can print
  const std::string no_file = label + path + " is a pipe, no file";
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode)) return {{}, no_file};
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return {{}, label + go_words("open", path, errno)};
  // It may have become one since.
  if (::fstat(fd.get(), &info) == 0 && S_ISFIFO(info.st_mode)) return {{}, no_file};
  std::string text;
  std::string part(65536, '\0');
  for (;;) {
    const ssize_t got = ::read(fd.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {{}, label + go_words("read", path, errno)};
    if (got == 0) return {std::move(text), {}};
    text.append(part, 0, static_cast<std::size_t>(got));
    if (text.size() > kMost) return {{}, label + path + " is larger than " + std::to_string(kMost) + " bytes"};
  }
}

LocalData read_file(const Dependency& on) {
  const std::string label = to_string(on) + ": ";
  if (!on.arguments.empty())
    if (std::string reason = outside_of(on.name, on.arguments.front()); !reason.empty()) return {{}, std::move(reason)};
  if (const Look seen = look_at(on.name); seen.error != 0) return {{}, label + go_words("stat", on.name, seen.error)};
  return read_text(on.name, label);
}

}  // namespace

void LocalWatcher::configure(std::map<std::string, std::string, std::less<>> environment, NginxProgram nginx) {
  settings_.environment = std::move(environment);
  settings_.nginx = std::move(nginx);
}

void LocalWatcher::start(const Dependency& on) {
  if (running_.contains(on)) return;
  running_[on] = tasks_.spawn(to_string(on), watch(on));
}

async::Awaitable<void> LocalWatcher::watch(Dependency on) {
  switch (on.kind) {
    case Dependency::Kind::file:
      return watch_file(std::move(on));
    case Dependency::Kind::nginx:
      return watch_nginx(std::move(on));
    case Dependency::Kind::interfaces:
      return watch_interfaces(std::move(on));
    case Dependency::Kind::certificates:
      return watch_certificates(std::move(on));
    default:
      return run_program(std::move(on));
  }
}

void LocalWatcher::stop(const Dependency& on) {
  const auto found = running_.find(on);
  if (found == running_.end()) return;
  tasks_.cancel(found->second);
  running_.erase(found);
}

async::Awaitable<void> LocalWatcher::watch_file(Dependency on) {
  for (;;) {
    const Look seen = look_at(on.name);
    LocalData data = read_file(on);
    input::Answered answered{on, std::move(data), 0};
    deliver_(std::move(answered));
    while (look_at(on.name) == seen) co_await async::sleep_for(settings_.look);
  }
}

async::Awaitable<void> LocalWatcher::run_program(Dependency on) {
  policy::Backoff backoff(settings_.run_again_first, settings_.run_again_most);
  for (;;) {
    PluginRequest request;
    request.words.push_back(on.name);
    request.words.insert(request.words.end(), on.arguments.begin(), on.arguments.end());
    request.environment = settings_.environment;
    auto said = co_await run_plugin(tasks_, std::move(request));
    if (!said) co_return;
    LocalData data = std::move(*said);
    const bool done = data.problem.empty();
    input::Answered answered{on, std::move(data), 0};
    deliver_(std::move(answered));
    if (done) co_return;
    const base::Duration pause = backoff.next(0.5);
    co_await async::sleep_for(pause);
  }
}

async::Awaitable<void> LocalWatcher::watch_nginx(Dependency on) {
  for (;;) {
    const std::string program = find_nginx(settings_.nginx);
    const Look seen = look_at(program);
    LocalData data;
    data.problem = "nginx: there is no such program";
    if (!program.empty()) {
      PluginRequest request;
      // It writes to stderr.
      request.words = std::vector<std::string>{"/bin/sh", "-c", "exec \"$0\" -V 2>&1", program};
      request.environment = settings_.environment;
      auto said = co_await run_plugin(tasks_, std::move(request));
      if (!said) co_return;
      data = std::move(*said);
    }
    if (data.problem.empty()) data.text += "\n" + list_modules(NginxBuild(data.text).modules_path());
    input::Answered answered{on, std::move(data), 0};
    deliver_(std::move(answered));
    while (find_nginx(settings_.nginx) == program && look_at(program) == seen)
      co_await async::sleep_for(settings_.look_at_nginx);
  }
}

async::Awaitable<void> LocalWatcher::watch_interfaces(Dependency on) {
  std::optional<Interfaces> known;
  for (;;) {
    Interfaces now = read_interfaces();
    if (!known || *known != now) {
      known = now;
      input::Answered answered{on, std::move(now), 0};
      deliver_(std::move(answered));
    }
    co_await async::sleep_for(settings_.look_at_interfaces);
  }
}

// Certificate and key are two files: a change is taken up when the folder has not changed since the look before, so
// that a new certificate is not judged by the old key.
async::Awaitable<void> LocalWatcher::watch_certificates(Dependency on) {
  for (;;) {
    const std::string known = look_at_certificates(on.name);
    CertificateFolder folder = read_certificates(on.name, std::chrono::system_clock::now());
    const auto next = folder.next_change;
    input::Answered answered{on, std::move(folder), 0};
    deliver_(std::move(answered));
    std::string before = known;
    for (;;) {
      co_await async::sleep_for(settings_.look_at_certificates);
      std::string now = look_at_certificates(on.name);
      if (now == known && std::chrono::system_clock::now() >= next) break;
      if (now != known && now == before) break;
      before = std::move(now);
    }
  }
}

}  // namespace longshore::render
