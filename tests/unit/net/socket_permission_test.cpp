#include "common/net/socket_permission.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace longshore::net {
namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "permission-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("a closed socket names its group and the way in") {
  const Folder folder;
  const std::string socket = folder.write("docker.sock", "");
  REQUIRE(::chmod(socket.c_str(), 0660) == 0);
  // As an ordinary user a test can give its files only its own group.
  const gid_t group = ::geteuid() == 0 ? 64124 : ::getegid();
  REQUIRE(::chown(socket.c_str(), ::geteuid(), group) == 0);
  const std::string number = std::to_string(group);
  const std::string groups = folder.write("group", "root:x:0:\nbroken\ndocker:x:" + number + ":anna\n");
  CHECK(permission_hint(socket, groups) ==
        "it belongs to group docker: run as root, or add this user (usermod -aG docker USER)");
  CHECK(permission_hint(socket, folder.write("none", "root:x:0:\n")) ==
        "it belongs to group " + number + ": run as root, or with that group");
  CHECK(permission_hint(socket, "/nonexistent/group").contains("group " + number));
}

TEST_CASE("a socket that has no group to join says so") {
  const Folder folder;
  const std::string socket = folder.write("docker.sock", "");
  REQUIRE(::chmod(socket.c_str(), 0600) == 0);
  CHECK(permission_hint(socket) == "only root may open it: run as root, or give the socket a group (mode 0660)");
  CHECK(permission_hint(folder.path / "absent").empty());
}

}  // namespace longshore::net
