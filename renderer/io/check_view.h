// The view in which a group's check sees files that are to come in the places where they are going to be.
#pragma once
#include <string>
#include <vector>

#include "renderer/io/spawn.h"

namespace longshore::render {

struct ViewFile {
  std::string target;  // where it is going to be; need not be there yet, its directory must
  std::string path;    // where it is now
};

// Mounts for spawn_in_view(). A directory that gets files which are not there yet is seen as a copy below `place`,
// which is made then and named there: to be removed with all that is in it when the check has ended, also after an
// error.
Result<std::vector<Mount>> make_check_view(const std::vector<ViewFile>& files, std::string& place);
void remove_check_view(const std::string& place);  // "" = there is none

// {{.}} in each word becomes `path`.
Command with_path(const Command& command, const std::string& path);
bool names_path(const Command& command);

}  // namespace longshore::render
