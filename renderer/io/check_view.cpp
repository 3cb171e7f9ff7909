#include "renderer/io/check_view.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include "renderer/io/private_view.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPath = "{{.}}";

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace

Result<std::vector<Mount>> make_check_view(const std::vector<ViewFile>& files, std::string& place) {
  std::vector<Mount> out;
  std::set<std::string> with_new;
  for (const ViewFile& file : files)
    if (!exists(file.target)) with_new.insert(fs::absolute(file.target).parent_path().string());
  std::map<std::string, std::vector<AddedFile>> added;
  for (const ViewFile& file : files) {
    const fs::path target = fs::absolute(file.target);
    const std::string path = fs::absolute(file.path).string();
    if (with_new.contains(target.parent_path().string()))
      added[target.parent_path().string()].push_back({target.filename().string(), path});
    else
      out.push_back({path, target.string()});
  }
  for (const auto& [directory, names] : added) {
    if (place.empty()) {
      std::string pattern = (fs::temp_directory_path() / "longshore-view.XXXXXX").string();
      if (::mkdtemp(pattern.data()) == nullptr) return fail(base::system_error("create " + pattern, errno));
      place = pattern;
    }
    LS_TRY(mounts, copy_for_view(directory, place + "/" + std::to_string(out.size()), names));
    out.insert(out.end(), mounts.begin(), mounts.end());
  }
  return out;
}

void remove_check_view(const std::string& place) {
  if (place.empty()) return;
  std::error_code ignored;
  fs::remove_all(place, ignored);
}

bool names_path(const Command& command) {
  return std::ranges::any_of(command.words, [](const std::string& word) { return word.find(kPath) != word.npos; });
}

Command with_path(const Command& command, const std::string& path) {
  Command out = command;
  for (std::string& word : out.words)
    for (std::size_t at = word.find(kPath); at != word.npos; at = word.find(kPath, at + path.size()))
      word.replace(at, kPath.size(), path);
  return out;
}

}  // namespace longshore::render
