// Credentials for a pull, as `docker login` has left them: in its file, or with a helper program that the file names.
// Pure. Source: Docker's documentation of config.json, of its credential helpers, and of the header X-Registry-Auth.
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"

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
// The value of X-Registry-Auth; "" where the file has none for the image's registry.
std::string registry_auth(std::string_view config_json, std::string_view image);

// NAME of the program docker-credential-NAME that keeps the credentials of the image's registry: credHelpers before
// credsStore; "" = the file itself has them. invalid_input: a name that is none.
Result<std::string> credential_helper(std::string_view config_json, std::string_view image);
// The value of X-Registry-Auth from what the helper's `get` wrote and how it ended; "" = it has none for that server.
// Errors carry the helper's own words where it failed, never what it wrote otherwise: that may be a secret.
Result<std::string> auth_of_helper(const std::string& helper, std::string_view server, int exit_code,
                                   std::string_view output);

}  // namespace longshore::deploy
