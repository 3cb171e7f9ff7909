// The server block that tells which generation of nginx's configuration answers.
#pragma once
#include <string>

#include "renderer/apply/spec.h"

namespace longshore::render::apply {

// Text of spec.generation_file; `token` is what answers at spec.generation_address.
std::string generation_block(const GroupSpec& spec, const std::string& token);

}  // namespace longshore::render::apply
