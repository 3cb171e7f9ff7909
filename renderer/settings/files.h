// Configuration files and directories as layers.
#pragma once
#include <string>
#include <vector>

#include "renderer/settings/decode.h"

namespace longshore::render::settings {

// The file, or every file below the directory in lexical order, whatever its name. Links are followed, each file and
// directory counts once, loops end. Names that start with ".." are left out: Kubernetes keeps its versions there.
// Errors (15): a path that is missing or unreadable, or what decode() says. An empty directory is none.
Result<std::vector<Decoded>> read_path(const std::string& path);

}  // namespace longshore::render::settings
