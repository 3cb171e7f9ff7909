// Which files a path of the configuration means. The one part of this folder that looks at a disk.
#pragma once
#include <string>
#include <vector>

#include "common/base/result.h"

namespace longshore::hcl {

// The file itself, or every file below the directory in lexical order, whatever its name. Links are followed, each file
// and directory counts once, loops end. Names that start with ".." are left out: Kubernetes keeps its versions there.
// An empty directory is none. Errors: a path that is missing or unreadable (not_found, io); a pipe, socket or device in
// a directory (invalid_input).
Result<std::vector<std::string>> config_files(const std::string& path);

}  // namespace longshore::hcl
