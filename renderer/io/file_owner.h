// Owner and permissions of a rendered file.
#pragma once
#include <sys/stat.h>

#include <optional>
#include <string>

#include "common/base/result.h"
#include "renderer/core/file_plan.h"

namespace longshore::render {

struct FileOwner {
  std::optional<uid_t> user = {};  // nothing: as it is
  std::optional<gid_t> group = {};
};

// Names are looked up, numbers taken. not_found: no such user or group.
Result<FileOwner> find_owner(const FileOptions& options);

// Does the file belong to somebody else than it should?
bool differs(const FileOwner& wanted, const struct stat& file);

// Gives a new file what it is to have: what is wanted, else that of the file it takes the place of, else 0644 and
// ours. The owner of the old file is kept if we may; a wanted one that we may not give is an error.
Status take_over(int fd, const FileOwner& wanted, std::optional<unsigned> mode, const std::optional<struct stat>& old,
                 const std::string& path);

}  // namespace longshore::render
