// Settings as a configuration file: JSON with the keys of the files, so that it can be read back. Secrets are masked.
#pragma once
#include <string>

#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// Only what is given. Sorted by key, indented, a newline at the end.
std::string print(const Settings& settings);

}  // namespace longshore::render::settings
