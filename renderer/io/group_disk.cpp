#include "renderer/io/group_disk.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "common/base/hash.h"
#include "renderer/io/file_change.h"
#include "renderer/io/file_store.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

}  // namespace

// For a directory that we may not write: /run/x/.conf.longshore-new is /tmp/.longshore-<hash>-.conf.longshore-new.
std::string GroupDisk::elsewhere(const std::string& path) const {
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(base::fnv1a(path)));
  return (state_dir_.empty() ? std::string("/tmp") : state_dir_) + "/.longshore-" + hash + "-" +
         fs::path(path).filename().string();
}

Result<apply::Disk::Look> GroupDisk::look(const std::string& path, std::string_view text, const FileOptions& options) {
  LS_TRY(change, describe_change(path, text, options));
  Look out;
  out.target = change.target;
  if (change.old && S_ISDIR(change.old->st_mode)) return fail(base::system_error("write " + change.target, EISDIR));
  if (is_no_file(change))
    return fail(Errc::invalid_input, change.target + " is no file: a group could not take it back");
  LS_TRY(plan, plan_change(change));
  out.plan = plan;
  if (plan == FilePlan::unchanged) {
    LS_TRY(kept, keep_bytes(change));
    out.plan = kept;
  }
  return out;
}

Result<std::string> GroupDisk::read(const std::string& path) {
  return RealFiles().read(path);
}

bool GroupDisk::exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

Result<std::string> GroupDisk::stage(const std::string& staged, std::string_view text, const std::string& target,
                                     const FileOptions& options) {
  LS_TRY(change, describe_change(target, text, options));
  if (options.create_directories) LS_TRY_STATUS(make_directories(fs::path(target).parent_path().string()));
  std::string path = staged;
  Descriptor fd = create_staged(path);
  // Whoever cannot make a file there may still write into the one that is there.
  if (!fd.valid() && change.old && cannot_rename(errno)) {
    if (!state_dir_.empty()) LS_TRY_STATUS(make_directories(state_dir_));
    path = elsewhere(staged);
    fd = create_staged(path);
  }
  if (!fd.valid()) return system_failure("create " + path);
  if (Status filled = fill(std::move(fd), change, path); !filled) {
    ::unlink(path.c_str());
    return fail(filled.error());
  }
  return path;
}

Result<std::string> GroupDisk::keep(const std::string& from, const std::string& to) {
  if (link_or_copy(from, to)) return to;
  const std::string other = elsewhere(to);
  LS_TRY_STATUS(link_or_copy(from, other));
  return other;
}

Status GroupDisk::place(const std::string& from, const std::string& to) {
  struct stat old {};
  const bool there = ::stat(to.c_str(), &old) == 0;
  if (there && S_ISDIR(old.st_mode)) return fail(base::system_error("write " + to, EISDIR));
  if (there && from.ends_with("-new")) keep_version(state_dir_, to);
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  if (!there || !S_ISREG(old.st_mode) || !cannot_rename(errno)) return system_failure("rename to " + to);
  LS_TRY(text, RealFiles().read(from));
  struct stat wanted {};
  if (::stat(from.c_str(), &wanted) != 0) return system_failure("stat " + from);
  Change change;
  change.target = to;
  change.text = text;
  change.mode = wanted.st_mode & 07777U;
  change.old = old;
  LS_TRY_STATUS(write_in_place(change));
  return remove(from);
}

Status GroupDisk::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + path);
  return {};
}

Status GroupDisk::save(const std::string& path, std::string_view text, bool flush) {
  LS_TRY_STATUS(make_directories(directory_of(path)));
  const std::string staged = path + ".new";
  Descriptor fd(::open(staged.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_failure("create " + staged);
  const ssize_t written = ::write(fd.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) return system_failure("write " + staged);
  if (flush && ::fsync(fd.get()) != 0) return system_failure("fsync " + staged);
  if (::rename(staged.c_str(), path.c_str()) != 0) return system_failure("rename to " + path);
  if (flush) return flush_directory(directory_of(path));
  return {};
}

Status GroupDisk::flush_directory_of(const std::string& path) {
  return flush_directory(directory_of(path));
}

}  // namespace longshore::render
