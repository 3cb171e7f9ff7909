// Files as the renderer touches them. A file that is replaced is at every moment either the old or the new one, also
// after a crash: staged beside it under a name with a dot (servers that include whole directories skip it), flushed,
// renamed over, directory flushed. Where a rename cannot work (a file that is mounted into a container, a directory
// that is read-only for us) the file itself is written over; if that fails half-way the old bytes are put back.
#pragma once
#include <sys/stat.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "renderer/core/file_plan.h"

namespace longshore::render {

struct Change;

// Who has a text for a path, so that several may have theirs for one pipe: a template's file is part 0, what it writes
// beside it are the parts after that.
struct Writer {
  std::size_t index = 0;  // of the template
  std::size_t part = 0;
  auto operator<=>(const Writer&) const = default;
};

// The seam. Calls block for as long as the disk takes.
class Files {
 public:
  virtual ~Files() = default;
  // not_found: there is none; io otherwise.
  virtual Result<std::string> read(const std::string& path) = 0;
  // Makes the file hold `text`. Same bytes and owner: at most its permissions are touched. On an error the old file
  // is as it was. A device or a pipe gets the text unless that is what this writer sent there last.
  virtual Result<FilePlan> replace(const std::string& path, std::string_view text, const FileOptions& options = {},
                                   Writer writer = {}) = 0;
};

struct FileSettings {
  std::string state_dir;  // not empty: the version before the last change is kept below it
};

class RealFiles final : public Files {
 public:
  explicit RealFiles(FileSettings settings = {}) : settings_(std::move(settings)) {}
  Result<std::string> read(const std::string& path) override { return read_at_most(path, SIZE_MAX); }
  Result<FilePlan> replace(const std::string& path, std::string_view text, const FileOptions& options = {},
                           Writer writer = {}) override;

  // limit: it is larger than `most` bytes.
  Result<std::string> read_at_most(const std::string& path, std::size_t most);

 private:
  // What a device or a pipe got last from one writer, whole: nobody can read it back.
  struct Sent {
    dev_t device = 0;
    ino_t inode = 0;
    std::size_t size = 0;
    std::uint64_t hash = 0;
    bool operator==(const Sent&) const = default;
  };

  Result<FilePlan> send(const Change& change, Writer writer);

  FileSettings settings_;
  std::map<std::pair<std::string, Writer>, Sent> sent_;  // by target and writer
};

// Where the version before the last change of `path` is kept.
std::string kept_path(const std::string& state_dir, const std::string& path);
// Puts it there. Best effort: a state directory that is full or gone must not keep a good file from going live.
void keep_version(const std::string& state_dir, const std::string& path);

}  // namespace longshore::render
