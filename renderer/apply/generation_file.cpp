#include "renderer/apply/generation_file.h"

namespace longshore::render::apply {

std::string generation_block(const GroupSpec& spec, const std::string& token) {
  return "# Written by longshore: tells which generation of the configuration answers.\nserver {\n    listen " +
         spec.generation_address + ";\n    access_log off;\n    default_type text/plain;\n    return 200 \"" + token +
         "\\n\";\n}\n";
}

}  // namespace longshore::render::apply
