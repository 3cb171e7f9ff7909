// What `-env` may be. Its keys are below longshore/NAME/ beside those of the environment without a name, so a name must
// be one part of a key, and none of our own folders: "drains" would read and write what others mean. Pure.
#pragma once
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/text.h"

namespace longshore::consul {

// "" is the environment without a name. invalid_input says what would be right.
inline Status check_environment(std::string_view name) {
  constexpr std::string_view kFolders[] = {"agents", "claims",   "cluster",   "deploys", "drains",   "fleet",
                                           "reaper", "releases", "renderers", "turns",   "withdrawn"};
  const auto splits = [](unsigned char c) { return c == '/' || std::iscntrl(c) != 0; };
  if (std::ranges::any_of(name, splits) || name == "." || name == "..")
    return fail(Errc::invalid_input, "it is one part of a key: without / and not . or ..");
  if (std::ranges::find(kFolders, name) != std::end(kFolders))
    return fail(Errc::invalid_input,
                std::string(name) + " is the name of a folder of ours in Consul's KV: choose another");
  return {};
}

}  // namespace longshore::consul
