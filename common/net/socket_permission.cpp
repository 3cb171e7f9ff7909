#include "common/net/socket_permission.h"

#include <sys/stat.h>

#include <fstream>
#include <vector>

#include "common/base/text.h"

namespace longshore::net {
namespace {

// Read by hand: the name service could ask the network, and nobody waits for it here.
std::string group_name(const std::string& number, const std::string& group_file) {
  std::ifstream file(group_file);
  std::string line;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = base::split(line, ':');
    if (fields.size() >= 3 && fields[2] == number) return fields[0];
  }
  return {};
}

}  // namespace

std::string permission_hint(const std::string& path, const std::string& group_file) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  const bool group_may = (found.st_mode & S_IWGRP) != 0;
  const std::string number = std::to_string(found.st_gid);
  const std::string name = group_name(number, group_file);
  if (!group_may || found.st_gid == 0)
    return "only root may open it: run as root, or give the socket a group (mode 0660)";
  if (name.empty()) return "it belongs to group " + number + ": run as root, or with that group";
  return "it belongs to group " + name + ": run as root, or add this user (usermod -aG " + name + " USER)";
}

}  // namespace longshore::net
