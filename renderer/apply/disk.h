// Files as a transaction touches them, one operation each: the seam at which tests stop it between any two.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "renderer/core/file_plan.h"

namespace longshore::render::apply {

class Disk {
 public:
  virtual ~Disk() = default;

  struct Look {
    std::string target = {};  // the file itself: links of `path` are followed
    FilePlan plan = FilePlan::unchanged;
  };
  // What making `path` hold `text` means. `unchanged` may have put its permissions right.
  virtual Result<Look> look(const std::string& path, std::string_view text, const FileOptions& options) = 0;
  // not_found: there is none.
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Makes a flushed file that has the text and, where the options leave it open, owner and mode of `target`. At
  // `staged`, in the place of what was there, or elsewhere if that directory cannot be written; returns where.
  virtual Result<std::string> stage(const std::string& staged, std::string_view text, const std::string& target,
                                    const FileOptions& options) = 0;
  // A second name for what `from` holds now; what was at `to` goes. At `to`, or elsewhere; returns where.
  virtual Result<std::string> keep(const std::string& from, const std::string& to) = 0;
  // `from` takes the place of `to`, by a rename; where that cannot work its bytes are written into `to`. On an error
  // `to` is what it was.
  virtual Status place(const std::string& from, const std::string& to) = 0;
  // No file is fine.
  virtual Status remove(const std::string& path) = 0;
  // Replaces a small file of our own. flush: it must survive a power cut.
  virtual Status save(const std::string& path, std::string_view text, bool flush) = 0;
  virtual Status flush_directory_of(const std::string& path) = 0;
};

}  // namespace longshore::render::apply
