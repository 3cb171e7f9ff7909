// What a check command had to say: its own words, and which file and line they are about. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::render::apply {

struct Complaint {
  std::string text = {};                 // its first line that tells of an error, else its last one; one line
  std::optional<std::size_t> file = {};  // index into the paths that were given
  std::size_t line = 0;                  // from 1; 0: not told
  bool operator==(const Complaint&) const = default;
};

// `paths`: what is looked for as "PATH:LINE", in nginx's and haproxy's forms. A path counts also by its file name
// alone, in another directory: servers print the path by which they found the file.
Complaint complaint_of(std::string_view output, const std::vector<std::string>& paths);

}  // namespace longshore::render::apply
