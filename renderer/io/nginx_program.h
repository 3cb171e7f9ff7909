// Which program the nginx is that is told, and which modules lie beside it.
#pragma once
#include <string>

namespace longshore::render {

struct NginxProgram {
  std::string pid_file = {};         // of its master, "" = not known
  std::string executable = "nginx";  // its name, or its path
};

// The program of the running master, else what the name leads to: on PATH and in the folders for administrators. ""
// when there is none.
std::string find_nginx(const NginxProgram& program);
// The line `modules: ..` for NginxBuild: files of that folder that are modules, by name.
std::string list_modules(const std::string& folder);

}  // namespace longshore::render
