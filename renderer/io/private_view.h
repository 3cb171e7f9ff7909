// Programs that see other files in some places than everybody else: a mount namespace of their own, in which files and
// directories are bound over others. A check command sees the staged files where they are going to be, so that every
// include, certificate and path of the configuration means what it is going to mean.
#pragma once
#include <string>
#include <vector>

#include "renderer/io/spawn.h"

namespace longshore::render {

// Starts it, output captured. root (CAP_SYS_ADMIN) gets a mount namespace; everybody else a user namespace too, where
// the kernel allows it. A view that cannot be made is said on the program's output, and its exit code is kNoView.
Result<Spawned> spawn_in_view(const SpawnRequest& request, const std::vector<Mount>& mounts);
inline constexpr int kNoView = 126;

// A copy of `directory` for a view with files that are not there yet: links to its files, empty places for its
// directories with the mounts that fill them, and `extra` as name and file. Made at `place`, which is new.
struct AddedFile {
  std::string name;
  std::string file;
};
Result<std::vector<Mount>> copy_for_view(const std::string& directory, const std::string& place,
                                         const std::vector<AddedFile>& extra);

}  // namespace longshore::render
