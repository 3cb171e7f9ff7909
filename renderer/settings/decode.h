// A configuration text as one layer of settings. Strict: every mistake with file, line and, for a key that does not
// exist, the nearest one that does.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

struct Decoded {
  Settings settings;
  // What the user should know, one sentence each, with the place: older spellings, blocks that are not used.
  std::vector<std::string> remarks;
};

// HCL 1 or JSON. `file` names the text in errors.
Result<Decoded> decode(std::string_view text, std::string file);

}  // namespace longshore::render::settings
