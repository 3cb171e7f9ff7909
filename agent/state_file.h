// Small files of the state directory: one line each time, replaced as a whole.
#pragma once
#include <filesystem>
#include <string>

namespace longshore::agent {

// Without its line end; "" when there is no such file.
std::string read_first_line(const std::filesystem::path& path);
// All of it; "" when there is no such file.
std::string read_whole_file(const std::filesystem::path& path);
// Makes the directory if need be. Renamed into place, so that a crash leaves the old file or the new one. Returns why
// it failed, "" = done.
std::string write_state_file(const std::filesystem::path& path, const std::string& text);

}  // namespace longshore::agent
