// Blocks that stand in configuration files and are not for the renderer.
#pragma once
#include <string>
#include <vector>

#include "common/hcl/decoder.h"

namespace longshore::render::settings {

// vault {}, nomad {}: their keys are checked, one remark each. agent {}: for `longshore agent`, left alone; host {}:
// for `longshore deploy`.
std::vector<std::string> read_unused_blocks(hcl::Decoder& root);

}  // namespace longshore::render::settings
