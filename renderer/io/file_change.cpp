#include "renderer/io/file_change.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <filesystem>

#include "common/base/text.h"
#include "renderer/io/file_store.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProcesses = "/proc/";
constexpr std::string_view kOwnDescriptors = "/proc/self/fd/";
constexpr std::string_view kOwnDescriptorsInDev = "/dev/fd/";
// The loop, with all its probes, stands still while a text is written: no reader gets longer than this for all of it.
constexpr std::chrono::milliseconds kReaderPatience{200};

// A link at the destination stays a link: what it points to is replaced. Dangling: what it would point to. The
// kernel's own links (/dev/stdout leads to /proc/self/fd/1) are the end: what they show is no path.
Result<std::string> resolve(const std::string& path) {
  std::string current = path;
  for (int hops = 0; hops < 40; ++hops) {
    std::error_code error;
    if (current.starts_with(kOwnDescriptorsInDev))
      current = std::string(kOwnDescriptors) + current.substr(kOwnDescriptorsInDev.size());
    if (current.starts_with(kProcesses) || !fs::is_symlink(fs::symlink_status(current, error))) return current;
    const fs::path target = fs::read_symlink(current, error);
    if (error) return fail(base::system_error("readlink " + current, error.value()));
    current = target.is_absolute() ? target.string() : (fs::path(current).parent_path() / target).string();
  }
  return fail(base::system_error(path, ELOOP));
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write " + path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// To whoever reads a pipe, a terminal or a socket. The descriptor may be one that others share and that blocks: after a
// poll that says so, PIPE_BUF bytes fit.
Status hand_to_reader(int fd, bool socket, std::string_view text, const std::string& path) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto end = now() + kReaderPatience;
  const auto too_slow = [&path] {
    return fail(Errc::timeout, "write " + path + ": its reader did not take all of it within " +
                                   std::to_string(kReaderPatience.count()) + "ms");
  };
  while (!text.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now()).count();
    pollfd one{.fd = fd, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&one, 1, std::max(0, static_cast<int>(left)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return system_failure("poll " + path);
    if (ready == 0) return too_slow();
    const std::size_t part = std::min<std::size_t>(text.size(), PIPE_BUF);
    const ssize_t written =
        socket ? ::send(fd, text.data(), part, MSG_DONTWAIT | MSG_NOSIGNAL) : ::write(fd, text.data(), part);
    if (written > 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (written < 0 && errno != EINTR && errno != EAGAIN)
      return system_failure("write " + path);
    else if (now() >= end)
      return too_slow();
  }
  return {};
}

// A descriptor of our own is used, not its file opened anew: a socket cannot be opened, the file behind a descriptor
// may be closed to whoever we are now, and the text belongs where the descriptor stands. A terminal is opened if it
// can be: only our own way to it may be one that does not block.
Descriptor open_to_write(const std::string& path, const struct stat& what) {
  std::optional<std::uint64_t> own;
  if (path.starts_with(kOwnDescriptors)) own = base::parse_uint(path.substr(kOwnDescriptors.size()));
  Descriptor out;
  if (!own || S_ISCHR(what.st_mode))
    out.reset(::open(path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!out.valid() && own && *own <= INT_MAX) out.reset(::fcntl(static_cast<int>(*own), F_DUPFD_CLOEXEC, 0));
  return out;
}

bool leads_to_no_file(const std::string& target, const struct stat& what) {
  return !S_ISREG(what.st_mode) || target.starts_with(kProcesses);
}

Status overwrite(int fd, std::string_view text, const std::string& path) {
  if (::lseek(fd, 0, SEEK_SET) != 0) return system_failure("seek " + path);
  LS_TRY_STATUS(write_all(fd, text, path));
  if (::ftruncate(fd, static_cast<off_t>(text.size())) != 0) return system_failure("truncate " + path);
  if (::fsync(fd) != 0) return system_failure("fsync " + path);
  return {};
}

}  // namespace

Status fill(Descriptor fd, const Change& change, const std::string& path) {
  LS_TRY_STATUS(write_all(fd.get(), change.text, path));
  LS_TRY_STATUS(take_over(fd.get(), change.owner, change.mode, change.old, path));
  if (::fsync(fd.get()) != 0) return system_failure("fsync " + path);
  // Some network file systems report a full disk only here.
  if (::close(fd.release()) != 0) return system_failure("close " + path);
  return {};
}

Status write_in_place(const Change& change) {
  const std::string& path = change.target;
  const Descriptor fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) return system_failure("write " + path);
  LS_TRY(before, RealFiles().read(path));
  LS_TRY_STATUS(take_over(fd.get(), change.owner, change.mode, change.old, path));
  Status written = overwrite(fd.get(), change.text, path);
  if (!written) LS_TRY_STATUS(overwrite(fd.get(), before, path));
  return written;
}

bool is_no_file(const Change& change) {
  return change.old && leads_to_no_file(change.target, *change.old);
}

bool is_no_file(const std::string& path) {
  const auto target = resolve(path);
  struct stat info {};
  return target && ::stat(target->c_str(), &info) == 0 && leads_to_no_file(*target, info);
}

Status write_through(const Change& change) {
  const std::string& path = change.target;
  const Descriptor fd = open_to_write(path, *change.old);
  if (!fd.valid()) return system_failure("write " + path);
  return hand_to_reader(fd.get(), S_ISSOCK(change.old->st_mode), change.text, path);
}

bool cannot_rename(int error) {
  return error == EBUSY || error == EACCES || error == EPERM || error == EROFS || error == EXDEV;
}

Status make_directories(const std::string& directory) {
  std::error_code error;
  if (directory.empty() || fs::is_directory(directory, error)) return {};
  LS_TRY_STATUS(make_directories(fs::path(directory).parent_path().string()));
  if (::mkdir(directory.c_str(), 0755) == 0) {
    ::chmod(directory.c_str(), 0755);  // whatever the umask
    return {};
  }
  if (errno == EEXIST && fs::is_directory(directory, error)) return {};
  return fail(base::system_error("create " + directory, errno == EEXIST ? ENOTDIR : errno));
}

Status flush_directory(const std::string& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + directory);
  // Some file systems cannot flush directories; the rename is then as durable as it gets.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return system_failure("fsync " + directory);
  return {};
}

Status link_or_copy(const std::string& from, const std::string& to) {
  if (::unlink(to.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + to);
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error) return fail(base::system_error("keep " + from + " as " + to, error.value()));
  return {};
}

std::string directory_of(const std::string& path) {
  const fs::path place(path);
  return place.has_parent_path() ? place.parent_path().string() : ".";
}

Descriptor create_staged(const std::string& path) {
  ::unlink(path.c_str());  // left behind by a killed predecessor
  return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
}

Result<Change> describe_change(const std::string& path, std::string_view text, const FileOptions& options) {
  Change change;
  LS_TRY(target, resolve(path));
  change.target = target;
  change.text = text;
  change.mode = options.mode;
  LS_TRY(owner, find_owner(options));
  change.owner = owner;
  struct stat info {};
  if (::stat(target.c_str(), &info) == 0) change.old = info;
  return change;
}

Result<FilePlan> plan_change(const Change& change) {
  if (!change.old) return FilePlan::create;
  const struct stat& old = *change.old;
  if (S_ISDIR(old.st_mode)) return fail(base::system_error("write " + change.target, EISDIR));
  if (is_no_file(change)) return FilePlan::replace;
  // Another length is another text: no need to read it.
  if (static_cast<std::size_t>(old.st_size) != change.text.size()) return FilePlan::replace;
  LS_TRY(bytes, RealFiles().read(change.target));
  return plan_file(bytes, change.text);
}

Result<FilePlan> keep_bytes(const Change& change) {
  const struct stat& old = *change.old;
  const bool owned = differs(change.owner, old);
  if (!owned && (!change.mode || *change.mode == (old.st_mode & 07777U))) return FilePlan::unchanged;
  const Descriptor fd(::open(change.target.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + change.target);
  LS_TRY_STATUS(take_over(fd.get(), change.owner, change.mode, change.old, change.target));
  return owned ? FilePlan::replace : FilePlan::unchanged;
}

}  // namespace longshore::render
