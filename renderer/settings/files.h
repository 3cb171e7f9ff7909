// Configuration files and directories as layers.
#pragma once
#include <string>
#include <vector>

#include "renderer/settings/decode.h"

namespace longshore::render::settings {

// The file, or every file below the directory (hcl::config_files). Errors (15): a path that is missing or unreadable,
// or what decode() says.
Result<std::vector<Decoded>> read_path(const std::string& path);

}  // namespace longshore::render::settings
