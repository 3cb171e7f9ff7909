// What to say when a unix socket may not be opened: whose it is, and how to be allowed.
#pragma once
#include <string>

namespace longshore::net {

// "" when the path cannot be looked at. `group_file` has the form of /etc/group and gives the group's name.
std::string permission_hint(const std::string& path, const std::string& group_file = "/etc/group");

}  // namespace longshore::net
