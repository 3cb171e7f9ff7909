// What a rendered text means for the file that is there, and how the file is to be.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace longshore::render {

enum class FilePlan {
  unchanged,  // the same bytes: nothing to write, no command to run
  create,
  replace,  // also: the same bytes with another owner, as consul-template counts it
};

// `current` is nothing when there is no file.
inline FilePlan plan_file(const std::optional<std::string>& current, std::string_view text) {
  if (!current) return FilePlan::create;
  return *current == text ? FilePlan::unchanged : FilePlan::replace;
}

struct FileOptions {
  std::optional<unsigned> mode = {};  // 0 to 07777; nothing: that of the file, else 0644
  std::string user = {};              // name or number; "" = that of the file, else ours
  std::string group = {};
  bool backup = false;             // keep the file that is replaced as DESTINATION.bak, one generation
  bool create_directories = true;  // missing parents, 0755
  bool operator==(const FileOptions&) const = default;
};

}  // namespace longshore::render
