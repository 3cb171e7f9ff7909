// What a rendered text means for the file that is there.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace longshore::render {

enum class FilePlan {
  unchanged,  // the same bytes: nothing to write, no command to run
  create,
  replace,
};

// `current` is nothing when there is no file.
inline FilePlan plan_file(const std::optional<std::string>& current, std::string_view text) {
  if (!current) return FilePlan::create;
  return *current == text ? FilePlan::unchanged : FilePlan::replace;
}

}  // namespace longshore::render
