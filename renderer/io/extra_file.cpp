#include "renderer/io/extra_file.h"

#include <filesystem>

#include "renderer/io/file_change.h"

namespace longshore::render {

Status write_extra(Files& files, const ExtraFile& extra, Writer writer) {
  const std::filesystem::path path = std::filesystem::path(extra.path).lexically_normal();
  std::error_code ignored;
  if (std::filesystem::is_symlink(path.parent_path(), ignored))
    return fail(Errc::io, "writeToFile: refusing to write through symlinked directory in path \"" + extra.path + "\"");
  if (std::filesystem::is_symlink(path, ignored))
    return fail(Errc::io, "writeToFile: refusing to write to symlink \"" + extra.path + "\"");
  std::string text;
  // A device or a pipe gets just what is new.
  if (extra.append && !is_no_file(path.string())) {
    auto before = files.read(path.string());
    if (!before && before.error().code != Errc::not_found) return fail(std::move(before.error()));
    if (before) text = std::move(*before);
  }
  text += extra.text;
  const auto written = files.replace(path.string(), text, extra.options, writer);
  if (!written) return fail(written.error().code, "writeToFile " + extra.path + ": " + written.error().text);
  return {};
}

}  // namespace longshore::render
