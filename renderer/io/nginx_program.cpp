#include "renderer/io/nginx_program.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "common/base/text.h"
#include "renderer/io/pid_file.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

std::string program_of(const NginxProgram& program) {
  if (program.pid_file.empty()) return {};
  const auto pid = read_pid_file(program.pid_file);
  if (!pid) return {};
  std::error_code error;
  std::string path = fs::read_symlink("/proc/" + std::to_string(*pid) + "/exe", error).string();
  if (error) return {};
  // Replaced by an upgrade: the next start takes the new one.
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  const bool ours = fs::path(path).filename() == fs::path(program.executable).filename();
  return ours && ::access(path.c_str(), X_OK) == 0 ? path : std::string();
}

}  // namespace

std::string find_nginx(const NginxProgram& program) {
  if (std::string running = program_of(program); !running.empty()) return running;
  const std::string name = program.executable.empty() ? "nginx" : program.executable;
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
  const char* path = std::getenv("PATH");
  const std::string folders =
      std::string(path == nullptr ? "" : path) + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/local/nginx/sbin";
  for (const std::string& folder : base::split(folders, ':')) {
    const std::string file = folder + "/" + name;
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

std::string list_modules(const std::string& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (const std::string name = entry.path().filename().string(); name.ends_with(".so")) names.insert(name);
  std::string out = "modules:";
  for (const std::string& name : names) out += " " + name;
  return out;
}

}  // namespace longshore::render
