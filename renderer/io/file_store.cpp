#include "renderer/io/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "renderer/io/descriptor.h"

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

// Mode and owner of the file that is replaced; 0644 for a new one, whatever the umask. Another owner needs root:
// without it the file is ours, as with every editor.
Status take_over(int fd, const std::optional<struct stat>& old, const std::string& path) {
  if (old && (old->st_uid != ::geteuid() || old->st_gid != ::getegid()))
    if (::fchown(fd, old->st_uid, old->st_gid) != 0 && errno != EPERM) return system_failure("chown " + path);
  if (::fchmod(fd, old ? old->st_mode & 07777 : 0644) != 0) return system_failure("chmod " + path);
  return {};
}

Status flush_directory(const fs::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + directory.string());
  // Some file systems cannot flush directories; the rename is then as durable as it gets.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return system_failure("fsync " + directory.string());
  return {};
}

Status stage(const Staged& staged, std::string_view text, const std::optional<struct stat>& old) {
  const std::string path = staged.path();
  ::unlink(path.c_str());  // left behind by a killed predecessor
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return system_failure("create " + path);
  LS_TRY_STATUS(write_all(fd.get(), text, path));
  LS_TRY_STATUS(take_over(fd.get(), old, path));
  if (::fsync(fd.get()) != 0) return system_failure("fsync " + path);
  // Some network file systems report a full disk only here.
  if (::close(fd.release()) != 0) return system_failure("close " + path);
  return {};
}

}  // namespace

Result<std::string> RealFiles::read(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_failure("open " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return system_failure("stat " + path);
  if (S_ISDIR(info.st_mode)) return fail(base::system_error("read " + path, EISDIR));
  std::string text;
  text.resize(info.st_size > 0 ? static_cast<std::size_t>(info.st_size) : 0);
  std::size_t have = 0;
  for (;;) {
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

Result<FilePlan> RealFiles::replace(const std::string& path, std::string_view text) {
  LS_TRY(target, resolve(path));
  struct stat info {};
  std::optional<struct stat> old;
  if (::stat(target.c_str(), &info) == 0) old = info;
  if (old && S_ISDIR(old->st_mode)) return fail(base::system_error("write " + path, EISDIR));
  FilePlan plan = old ? FilePlan::replace : FilePlan::create;
  // Another length is another text: no need to read it.
  if (old && S_ISREG(old->st_mode) && static_cast<std::size_t>(old->st_size) == text.size()) {
    LS_TRY(bytes, read(target));
    plan = plan_file(bytes, text);
  }
  if (plan == FilePlan::unchanged) return plan;
  const fs::path place(target);
  const fs::path directory = place.has_parent_path() ? place.parent_path() : fs::path(".");
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(base::system_error("create " + directory.string(), error.value()));
  Staged staged((directory / ("." + place.filename().string() + ".longshore-new")).string());
  LS_TRY_STATUS(stage(staged, text, old));
  if (old) keep(target);
  if (::rename(staged.path(), target.c_str()) != 0) return system_failure("rename to " + path);
  staged.renamed();
  LS_TRY_STATUS(flush_directory(directory));
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
