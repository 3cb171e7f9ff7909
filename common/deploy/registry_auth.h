// Credentials for a pull, as `docker login` has left them. Pure. Source: Docker's documentation of config.json and of
// the header X-Registry-Auth.
#pragma once
#include <string>
#include <string_view>

namespace longshore::deploy {

// "registry.example:5000" of "registry.example:5000/team/app:1"; Docker Hub's own name for what names none.
std::string registry_of(std::string_view image);
// "name" and "tag" as POST /images/create wants them: a digest stays in the name, no tag is "latest".
struct PullName {
  std::string name;
  std::string tag;
  bool operator==(const PullName&) const = default;
};
PullName pull_name(std::string_view image);
// The value of X-Registry-Auth; "" where the file has none for the image's registry (or keeps it in a helper program).
std::string registry_auth(std::string_view config_json, std::string_view image);

}  // namespace longshore::deploy
