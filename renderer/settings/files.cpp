#include "renderer/settings/files.h"

#include "common/hcl/config_files.h"
#include "renderer/io/file_store.h"

namespace longshore::render::settings {

Result<std::vector<Decoded>> read_path(const std::string& path) {
  // More is no configuration; /dev/zero would never end.
  constexpr std::size_t kMost = std::size_t{256} << 20;
  LS_TRY(files, hcl::config_files(path));
  std::vector<Decoded> out;
  for (const std::string& file : files) {
    Result<std::string> text = RealFiles().read_at_most(file, kMost);
    if (!text) return fail(text.error().with("configuration"));
    LS_TRY(decoded, decode(*text, file));
    out.push_back(std::move(decoded));
  }
  return out;
}

}  // namespace longshore::render::settings
