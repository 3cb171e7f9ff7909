#include "renderer/io/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "renderer/io/descriptor.h"
#include "renderer/io/file_owner.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> system_failure(const std::string& what) {
  return fail(base::system_error(what, errno));
}

// Removes the staged file unless it was renamed.
class Staged {
 public:
  explicit Staged(std::string path) : path_(std::move(path)) {}
  ~Staged() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  const char* path() const { return path_.c_str(); }
  void renamed() { path_.clear(); }

 private:
  std::string path_;
};

// A link at the destination stays a link: what it points to is replaced. Dangling: what it would point to.
Result<std::string> resolve(const std::string& path) {
  std::string current = path;
  for (int hops = 0; hops < 40; ++hops) {
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(current, error))) return current;
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

Status flush_directory(const fs::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + directory.string());
  // Some file systems cannot flush directories; the rename is then as durable as it gets.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return system_failure("fsync " + directory.string());
  return {};
}

// What the file is to become, and what it is.
struct Change {
  std::string target;
  std::string_view text;
  FileOwner owner;
  std::optional<unsigned> mode;
  std::optional<struct stat> old;
};

Status fill(Descriptor fd, const Change& change, const std::string& path) {
  LS_TRY_STATUS(write_all(fd.get(), change.text, path));
  LS_TRY_STATUS(take_over(fd.get(), change.owner, change.mode, change.old, path));
  if (::fsync(fd.get()) != 0) return system_failure("fsync " + path);
  // Some network file systems report a full disk only here.
  if (::close(fd.release()) != 0) return system_failure("close " + path);
  return {};
}

Status overwrite(int fd, std::string_view text, const std::string& path) {
  if (::lseek(fd, 0, SEEK_SET) != 0) return system_failure("seek " + path);
  LS_TRY_STATUS(write_all(fd, text, path));
  if (::ftruncate(fd, static_cast<off_t>(text.size())) != 0) return system_failure("truncate " + path);
  if (::fsync(fd) != 0) return system_failure("fsync " + path);
  return {};
}

// The way for files that cannot be renamed over. Readers may see a mixture for the moment of the write.
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

// Is this why a new file could not take the place of the old one, although the old one may be writable?
bool cannot_rename(int error) {
  return error == EBUSY || error == EACCES || error == EPERM || error == EROFS || error == EXDEV;
}

Status make_directories(const fs::path& directory) {
  std::error_code error;
  if (directory.empty() || fs::is_directory(directory, error)) return {};
  LS_TRY_STATUS(make_directories(directory.parent_path()));
  if (::mkdir(directory.c_str(), 0755) == 0) {
    ::chmod(directory.c_str(), 0755);  // whatever the umask
    return {};
  }
  if (errno == EEXIST && fs::is_directory(directory, error)) return {};
  return system_failure("create " + directory.string());
}

// One generation; a link costs nothing, a copy is for file systems without links.
Status back_up(const std::string& path) {
  const std::string backup = path + ".bak";
  if (::unlink(backup.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + backup);
  if (::link(path.c_str(), backup.c_str()) == 0) return {};
  std::error_code error;
  fs::copy_file(path, backup, error);
  if (error) return fail(base::system_error("back up to " + backup, error.value()));
  return {};
}

}  // namespace

Result<std::string> RealFiles::read_at_most(const std::string& path, std::size_t most) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return system_failure("stat " + path);
  if (S_ISDIR(info.st_mode)) return fail(base::system_error("read " + path, EISDIR));
  const auto too_large = [&] { return fail(Errc::limit, path + " is larger than " + std::to_string(most) + " bytes"); };
  if (info.st_size > 0 && static_cast<std::size_t>(info.st_size) > most) return too_large();
  std::string text;
  text.resize(info.st_size > 0 ? static_cast<std::size_t>(info.st_size) : 0);
  std::size_t have = 0;
  for (;;) {
    if (have > most) return too_large();
    if (have == text.size()) text.resize(have + 16384);
    const ssize_t got = ::read(fd.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read " + path);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

namespace {

Result<FilePlan> plan_change(const Change& change) {
  if (!change.old) return FilePlan::create;
  const struct stat& old = *change.old;
  if (S_ISDIR(old.st_mode)) return fail(base::system_error("write " + change.target, EISDIR));
  // Another length is another text: no need to read it.
  if (!S_ISREG(old.st_mode) || static_cast<std::size_t>(old.st_size) != change.text.size()) return FilePlan::replace;
  LS_TRY(bytes, RealFiles().read(change.target));
  return plan_file(bytes, change.text);
}

// The bytes are right. An owner that is not counts as a change, as in consul-template; permissions are put right
// without one.
Result<FilePlan> keep_bytes(const Change& change) {
  const struct stat& old = *change.old;
  const bool owned = differs(change.owner, old);
  if (!owned && (!change.mode || *change.mode == (old.st_mode & 07777U))) return FilePlan::unchanged;
  const Descriptor fd(::open(change.target.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + change.target);
  LS_TRY_STATUS(take_over(fd.get(), change.owner, change.mode, change.old, change.target));
  return owned ? FilePlan::replace : FilePlan::unchanged;
}

Status put(const Change& change) {
  const fs::path place(change.target);
  const fs::path directory = place.has_parent_path() ? place.parent_path() : fs::path(".");
  Staged staged((directory / ("." + place.filename().string() + ".longshore-new")).string());
  ::unlink(staged.path());  // left behind by a killed predecessor
  Descriptor fd(::open(staged.path(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  int reason = errno;
  std::string what = std::string("create ") + staged.path();
  if (fd.valid()) {
    LS_TRY_STATUS(fill(std::move(fd), change, staged.path()));
    if (::rename(staged.path(), change.target.c_str()) == 0) {
      staged.renamed();
      return flush_directory(directory);
    }
    reason = errno;
    what = "rename to " + change.target;
  }
  if (change.old && S_ISREG(change.old->st_mode) && cannot_rename(reason)) return write_in_place(change);
  return fail(base::system_error(what, reason));
}

}  // namespace

Result<FilePlan> RealFiles::replace(const std::string& path, std::string_view text, const FileOptions& options) {
  Change change;
  LS_TRY(target, resolve(path));
  change.target = target;
  change.text = text;
  change.mode = options.mode;
  LS_TRY(owner, find_owner(options));
  change.owner = owner;
  struct stat info {};
  if (::stat(target.c_str(), &info) == 0) change.old = info;
  LS_TRY(plan, plan_change(change));
  if (plan == FilePlan::unchanged) return keep_bytes(change);
  const fs::path directory = fs::path(target).parent_path();
  if (options.create_directories) LS_TRY_STATUS(make_directories(directory));
  if (change.old) keep(target);
  if (change.old && options.backup) LS_TRY_STATUS(back_up(target));
  LS_TRY_STATUS(put(change));
  return plan;
}

std::string kept_path(const std::string& state_dir, const std::string& path) {
  // One flat directory: slashes become %2F, percent signs %25, so that names stay different.
  std::string name;
  for (const char c : fs::absolute(path).string())
    if (c == '/')
      name += "%2F";
    else if (c == '%')
      name += "%25";
    else
      name += c;
  return state_dir + "/last-good/" + name;
}

// Best effort: a state directory that is full or gone must not keep a good file from going live.
void RealFiles::keep(const std::string& path) {
  if (settings_.state_dir.empty()) return;
  const fs::path kept = kept_path(settings_.state_dir, path);
  const fs::path staged = kept.string() + ".new";
  std::error_code error;
  fs::create_directories(kept.parent_path(), error);
  fs::copy_file(path, staged, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(staged, kept, error);
  if (error) fs::remove(staged, error);
}

}  // namespace longshore::render
