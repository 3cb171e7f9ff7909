#include "common/hcl/config_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

namespace longshore::hcl {
namespace {

namespace fs = std::filesystem;

class Walk {
 public:
  Status visit(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return fail(base::system_error("configuration " + path, errno));
    if (!seen_.emplace(info.st_dev, info.st_ino).second) return {};
    if (S_ISDIR(info.st_mode)) return directory(path);
    // One that is named may be a pipe; one that just lies there would keep us waiting.
    if (below_ && !S_ISREG(info.st_mode))
      return fail(Errc::invalid_input, "configuration " + path + ": neither a file nor a directory");
    found.push_back(path);
    return {};
  }

  std::vector<std::string> found;

 private:
  Status directory(const std::string& path) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator each(path, error), end; !error && each != end; each.increment(error))
      if (std::string name = each->path().filename().string(); !name.starts_with(".."))
        names.push_back(std::move(name));
    if (error) return fail(base::system_error("configuration " + path, error.value()));
    std::ranges::sort(names);
    below_ = true;
    for (const std::string& name : names) LS_TRY_STATUS(visit((fs::path(path) / name).string()));
    return {};
  }

  bool below_ = false;  // past the path itself
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

Result<std::vector<std::string>> config_files(const std::string& path) {
  Walk walk;
  LS_TRY_STATUS(walk.visit(path));
  return std::move(walk.found);
}

}  // namespace longshore::hcl
