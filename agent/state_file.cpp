#include "agent/state_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace longshore::agent {

std::string read_first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string read_whole_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string write_state_file(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const std::filesystem::path temporary = path.parent_path() / ("." + path.filename().string() + ".new");
  std::ofstream file(temporary, std::ios::trunc);
  file << text;
  file.close();
  if (!file) return "cannot write " + temporary.string() + ": " + std::strerror(errno);
  std::filesystem::rename(temporary, path, error);
  return error ? "cannot write " + path.string() + ": " + error.message() : std::string();
}

}  // namespace longshore::agent
