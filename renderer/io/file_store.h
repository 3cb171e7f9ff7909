// Files as the renderer touches them. A file that is replaced is at every moment either the old or the new one, also
// after a crash: staged beside it under a name with a dot (servers that include whole directories skip it), flushed,
// renamed over, directory flushed.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "renderer/core/file_plan.h"

namespace longshore::render {

// The seam. Calls block for as long as the disk takes.
class Files {
 public:
  virtual ~Files() = default;
  // not_found: there is none; io otherwise.
  virtual Result<std::string> read(const std::string& path) = 0;
  // Makes the file hold `text`. Same bytes: nothing is touched. On an error the old file is as it was.
  virtual Result<FilePlan> replace(const std::string& path, std::string_view text) = 0;
};

struct FileSettings {
  std::string state_dir;  // not empty: the version before the last change is kept below it
};

class RealFiles final : public Files {
 public:
  explicit RealFiles(FileSettings settings = {}) : settings_(std::move(settings)) {}
  Result<std::string> read(const std::string& path) override;
  Result<FilePlan> replace(const std::string& path, std::string_view text) override;

 private:
  void keep(const std::string& path);

  FileSettings settings_;
};

// Where the version before the last change of `path` is kept.
std::string kept_path(const std::string& state_dir, const std::string& path);

}  // namespace longshore::render
