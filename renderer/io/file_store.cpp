#include "renderer/io/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "common/base/hash.h"
#include "renderer/io/descriptor.h"
#include "renderer/io/file_change.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

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
  // One more than there should be: the read that finds the end needs room, and more room is a copy of all.
  text.resize(info.st_size > 0 ? static_cast<std::size_t>(info.st_size) + 1 : 0);
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

Status put(const Change& change) {
  const std::string directory = directory_of(change.target);
  Staged staged(directory + "/." + fs::path(change.target).filename().string() + ".longshore-new");
  Descriptor fd = create_staged(staged.path());
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

Result<FilePlan> RealFiles::replace(const std::string& path, std::string_view text, const FileOptions& options,
                                    Writer writer) {
  LS_TRY(change, describe_change(path, text, options));
  LS_TRY(plan, plan_change(change));
  if (plan == FilePlan::unchanged) return keep_bytes(change);
  if (is_no_file(change)) return send(change, writer);
  if (options.create_directories) LS_TRY_STATUS(make_directories(fs::path(change.target).parent_path().string()));
  if (change.old) keep_version(settings_.state_dir, change.target);
  // One generation, beside the name that was asked for, also where that is a link to elsewhere.
  if (change.old && options.backup) LS_TRY_STATUS(link_or_copy(change.target, path + ".bak"));
  LS_TRY_STATUS(put(change));
  return plan;
}

Result<FilePlan> RealFiles::send(const Change& change, Writer writer) {
  const Sent now{change.old->st_dev, change.old->st_ino, change.text.size(), base::fnv1a(change.text)};
  const std::pair key{change.target, writer};
  const auto before = sent_.find(key);
  if (before != sent_.end() && before->second == now) return FilePlan::unchanged;
  if (before != sent_.end()) sent_.erase(before);  // a part may arrive
  LS_TRY_STATUS(write_through(change));
  sent_[key] = now;
  return FilePlan::replace;
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

void keep_version(const std::string& state_dir, const std::string& path) {
  if (state_dir.empty()) return;
  const fs::path kept = kept_path(state_dir, path);
  const fs::path staged = kept.string() + ".new";
  std::error_code error;
  fs::create_directories(kept.parent_path(), error);
  fs::copy_file(path, staged, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(staged, kept, error);
  if (error) fs::remove(staged, error);
}

}  // namespace longshore::render
